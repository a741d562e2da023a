//! What may lie in a state folder, and what becomes of it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn bytes(found: Found) -> Option<Vec<u8>> {
    match found {
        Found::Bytes(bytes) => Some(bytes),
        Found::Nothing | Found::TooLong | Found::Unusable(_) => None,
    }
}

#[test]
fn others_see_that_a_state_folder_is_there_and_not_what_is_in_it() {
    let place = tempfile::tempdir().unwrap();
    let usual = place.path().join("usual");
    fs::DirBuilder::new().create(&usual).unwrap();
    let above = place.path().join("candor");
    let state = StateFolder::new(above.join("policy"));
    state.make_folder("spool").unwrap();
    assert_eq!(mode(&above), mode(&usual) & 0o755, "as open as this process's mask lets it be");
    assert_eq!((mode(state.path()), mode(&state.path().join("spool"))), (0o700, 0o700));
}

/// Guards against an administrator's call, as root, that locks the product out of its own folder.
#[test]
fn what_is_made_in_somebody_elses_folder_is_theirs() {
    let place = tempfile::tempdir().unwrap();
    let theirs = place.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    if chown(&theirs, Some(65_534), Some(65_534)).is_err() {
        return; // Only root can be tested with.
    }
    let state = StateFolder::new(theirs.join("candor").join("product"));
    let _lock = state.try_lock("lock").unwrap().unwrap();
    state.write("file", b"").unwrap();
    state.make_folder("spool").unwrap().append("log", b"").unwrap();
    let own = ["lock", "file", "spool", "spool/log"].map(|name| format!("candor/product/{name}"));
    for name in own.iter().map(String::as_str).chain(["candor", "candor/product"]) {
        let made = fs::metadata(theirs.join(name)).unwrap();
        assert_eq!((made.uid(), made.gid()), (65_534, 65_534), "{name}");
    }
}

#[test]
fn a_folder_that_a_group_shares_has_files_that_it_shares() {
    let place = tempfile::tempdir().unwrap();
    let with_mode = |bits: u32| {
        let path = place.path().join(format!("{bits:o}"));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        let state = StateFolder::new(path.clone());
        state.write("file", b"").unwrap();
        state.make_folder("spool").unwrap();
        (mode(&path.join("file")), mode(&path.join("spool")))
    };
    assert_eq!(with_mode(0o2770), (0o660, 0o770));
    assert_eq!(with_mode(0o775), (0o600, 0o700), "writable to a group, and not said to be shared");
}

/// Guards against a link that leads an installer, which runs as root, to a file of somebody else's choice.
#[test]
fn no_link_in_a_state_folder_is_followed() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    fs::create_dir(path("theirs")).unwrap();
    fs::write(path("theirs/file"), "theirs").unwrap();
    let state = StateFolder::new(path("state"));
    let open = state.make().unwrap();
    for name in [".writing-file", "log", "lock"] {
        symlink(path("theirs/file"), path("state").join(name)).unwrap();
    }
    symlink(path("theirs"), path("state/spool")).unwrap();
    open.write("file", b"ours").unwrap();
    open.append("log", b"ours").unwrap_err();
    open.cut("log", 0).unwrap_err();
    assert!(matches!(open.read("log", 9), Ok(Found::Unusable(_))));
    assert!(state.try_lock("lock").unwrap().is_some(), "the link is replaced by a lock");
    assert!(state.find_folder("spool").is_err() && state.make_folder("spool").is_err());
    assert_eq!(fs::read(path("theirs/file")).unwrap(), b"theirs");
    assert_eq!(bytes(open.read("file", 9).unwrap()).unwrap(), b"ours");
}

/// A link that an administrator made, such as `/var/run`, is a way; one that a product's user made is not.
#[test]
fn a_link_on_the_way_counts_by_who_can_change_it() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    fs::create_dir_all(path("real/inner")).unwrap();
    symlink("real/inner", path("way")).unwrap();
    StateFolder::new(path("way/state")).write("file", b"x").unwrap();
    assert!(path("real/inner/state/file").exists());

    fs::create_dir(path("product")).unwrap();
    symlink(path("real"), path("product/way")).unwrap();
    if chown(path("product"), Some(65_534), None).is_err() {
        return; // Only root can be tested with.
    }
    let refused = StateFolder::new(path("product/way/state")).write("file", b"x").unwrap_err();
    assert!(refused.to_string().contains("somebody else can change"), "{refused}");
    symlink(path("way"), path("loop")).unwrap();
    fs::remove_file(path("way")).unwrap();
    symlink("loop", path("way")).unwrap();
    StateFolder::new(path("way/state")).make().unwrap_err();
}

/// Guards against calls that hang: opening a FIFO waits for whoever writes to it.
#[test]
fn what_is_not_a_regular_file_never_hangs() {
    let place = tempfile::tempdir().unwrap();
    let state = StateFolder::new(place.path().to_owned());
    for name in ["file", "lock", ".writing-file"] {
        let made = std::process::Command::new("mkfifo").arg(place.path().join(name)).status().unwrap();
        assert!(made.success());
    }
    fs::create_dir(place.path().join("folder")).unwrap();
    let open = state.make().unwrap();
    for name in ["file", "folder"] {
        assert!(matches!(open.read(name, 9), Ok(Found::Unusable(_))), "{name}");
        open.append(name, b"x").unwrap_err();
    }
    read_bounded(&place.path().join("file"), 9).unwrap_err();
    assert!(state.try_lock("lock").unwrap().is_some());
    open.write("file", b"x").unwrap();
    assert_eq!(bytes(open.read("file", 9).unwrap()).unwrap(), b"x");
}

/// Guards against a file of root's that a product's user gives a second name in the product's folder.
#[test]
fn a_file_with_a_second_name_or_another_owner_is_not_opened() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    fs::write(path("roots"), "roots").unwrap();
    fs::create_dir(path("state")).unwrap();
    fs::hard_link(path("roots"), path("state/log")).unwrap();
    let state = StateFolder::new(path("state"));
    let open = state.make().unwrap();
    open.append("log", b"x").unwrap_err();
    assert_eq!(fs::read(path("roots")).unwrap(), b"roots");
    fs::write(path("state/other"), "x").unwrap();
    if chown(path("state/other"), Some(65_533), None).is_ok() {
        assert!(matches!(open.read("other", 9), Ok(Found::Unusable(_))));
    }
}

#[test]
fn only_names_of_ours_are_removed() {
    let place = tempfile::tempdir().unwrap();
    let state = StateFolder::new(place.path().to_owned());
    for name in ["a.own", "b.own", "c.own", "theirs.conf"] {
        fs::write(place.path().join(name), "").unwrap();
    }
    let removed = state.make().unwrap().keep_newest(1, |name| name.ends_with(".own")).unwrap();
    assert_eq!(removed, 2);
    assert_eq!(state.make().unwrap().names().unwrap(), ["c.own", "theirs.conf"]);
}

#[test]
fn a_path_is_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let place = tempfile::tempdir().unwrap();
    let state = StateFolder::new(place.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9")));
    state.write("file", b"x").unwrap();
    assert_eq!(bytes(state.read("file", 9).unwrap()).unwrap(), b"x");
    assert!(!place.path().join("caf\u{fffd}").exists());
}
