//! The main job from end to end, with the real programs: a customer's site, a vendor's collector, the staff's pages.

mod authority;
mod canaries;
mod consent;
mod deadline;
mod documents;
mod durable;
mod held_back;
mod house;
mod https;
mod journal;
mod keys;
mod likeness;
mod lost_answer;
mod main_job;
mod network;
mod outage;
mod preview;
mod proxy;
mod renewal;
mod staff;
mod vouchers;
mod watched;
