//! Who is connected. Where an address has all that it may have, its oldest connection without a request makes room: so those that
//! say nothing keep nobody out, themselves included.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::oneshot;

use super::{Connection, Load};
use crate::sender::Sender;

/// All connections, by address.
#[derive(Default)]
pub(super) struct Seats(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    last_number: u64,
    all: usize,
    by_address: HashMap<Sender, Address>,
}

struct Address {
    load: Arc<Load>,
    /// The oldest first.
    seats: VecDeque<Occupied>,
}

struct Occupied {
    number: u64,
    /// Nothing until its connection sits down.
    connection: Weak<Connection>,
    leave: oneshot::Sender<()>,
}

/// A place that was found.
pub(super) struct Seat {
    pub sender: Sender,
    pub number: u64,
    pub load: Arc<Load>,
    pub leave: oneshot::Receiver<()>,
}

impl Seats {
    /// Finds a place, if need be an older connection's; none where all are at work.
    pub fn take(
        &self,
        sender: Sender,
        address_most: usize,
        all_most: usize,
        new_load: impl FnOnce() -> Load,
    ) -> Option<Seat> {
        let mut taken = self.taken();
        if taken.of(sender) >= address_most && !taken.make_room(sender) {
            return None;
        }
        if taken.all >= all_most {
            let crowded = taken.most_idle()?;
            taken.make_room(crowded);
        }
        taken.last_number += 1;
        taken.all += 1;
        let number = taken.last_number;
        let (leave, told) = oneshot::channel();
        let address = taken
            .by_address
            .entry(sender)
            .or_insert_with(|| Address { load: Arc::new(new_load()), seats: VecDeque::new() });
        address.seats.push_back(Occupied { number, connection: Weak::new(), leave });
        Some(Seat { sender, number, load: address.load.clone(), leave: told })
    }

    /// A connection takes the place that was found for it.
    pub fn sit(&self, connection: &Arc<Connection>) {
        let mut taken = self.taken();
        let Some(address) = taken.by_address.get_mut(&connection.sender) else { return };
        if let Some(seat) = address.seats.iter_mut().rev().find(|seat| seat.number == connection.number) {
            seat.connection = Arc::downgrade(connection);
        }
    }

    /// Gives a place back. One that was given up before is nobody's any more.
    pub fn leave(&self, connection: &Connection) {
        let mut taken = self.taken();
        let seats = taken.by_address.get(&connection.sender).map(|address| &address.seats);
        let at = seats.and_then(|seats| seats.iter().position(|seat| seat.number == connection.number));
        if let Some(at) = at {
            taken.remove(connection.sender, at);
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn of(&self, sender: Sender) -> usize {
        self.by_address.get(&sender).map_or(0, |address| address.seats.len())
    }

    /// Has the oldest connection without a request leave. Returns whether there was one.
    fn make_room(&mut self, sender: Sender) -> bool {
        let address = self.by_address.get(&sender);
        let Some(at) = address.and_then(|address| address.seats.iter().position(Occupied::is_idle)) else {
            return false;
        };
        if let Some(seat) = self.remove(sender, at) {
            // One that has left by itself does not hear it.
            let _gone = seat.leave.send(());
        }
        true
    }

    /// The address with the most connections without a request.
    fn most_idle(&self) -> Option<Sender> {
        let idle = |address: &Address| address.seats.iter().filter(|seat| seat.is_idle()).count();
        let addresses = self.by_address.iter().map(|(sender, address)| (idle(address), *sender));
        addresses.filter(|(idle, _)| *idle > 0).max_by_key(|(idle, _)| *idle).map(|(_, sender)| sender)
    }

    fn remove(&mut self, sender: Sender, at: usize) -> Option<Occupied> {
        let address = self.by_address.get_mut(&sender)?;
        let seat = address.seats.remove(at)?;
        if address.seats.is_empty() {
            self.by_address.remove(&sender);
        }
        self.all -= 1;
        Some(seat)
    }
}

impl Occupied {
    fn is_idle(&self) -> bool {
        self.connection.upgrade().is_none_or(|connection| connection.open.load(Ordering::Relaxed) == 0)
    }
}
