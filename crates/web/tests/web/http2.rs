//! HTTP/2 by hand: what no well-behaved client would send.

/// The first bytes of a connection, and settings that leave everything as it is.
pub fn preface() -> Vec<u8> {
    preface_with(&[])
}

/// The first bytes of a connection, with these settings.
pub fn preface_with(settings: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (name, value) in settings {
        payload.extend(name.to_be_bytes());
        payload.extend(value.to_be_bytes());
    }
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &payload)].concat()
}

/// `SETTINGS_INITIAL_WINDOW_SIZE`.
pub const INITIAL_WINDOW: u16 = 4;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const CONTINUATION: u8 = 9;
pub const PING: u8 = 6;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// One frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A whole request for a path.
pub fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &head(path))
}

/// The head of a request for a path (RFC 7541): method and scheme from the static table, path and authority as they are.
pub fn head(path: &str) -> Vec<u8> {
    let mut head = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
    head.extend(path.as_bytes());
    head.extend([0x41, 1, b'x']);
    head
}

/// Takes the whole frames off what has arrived, and returns what a client answers to the pings among them.
pub fn pings_answered(arrived: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    while let Some(length) = arrived
        .first_chunk::<3>()
        .map(|bytes| usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2]))
        && arrived.len() >= 9 + length
    {
        let whole: Vec<u8> = arrived.drain(..9 + length).collect();
        if whole[3] == PING && whole[4] & ACK == 0 {
            answers.push(frame(PING, ACK, 0, &whole[9..]));
        }
    }
    answers
}
