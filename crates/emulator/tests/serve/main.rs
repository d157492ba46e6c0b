//! The HTTP server, from the outside: over sockets, with clients that mean well and clients that do not.

mod admin;
mod faults;
mod hostile;
mod python;
mod signatures;
mod support;
mod worlds;
