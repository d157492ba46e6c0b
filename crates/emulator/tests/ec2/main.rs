//! The emulator by its one way in: refusals by code and words, shapes of answers, instances through their lives.

mod account;
mod addresses;
mod coverage;
mod lifecycle;
mod network_interfaces;
mod prefix_list;
mod properties;
mod refusals_addresses;
mod refusals_instances;
mod refusals_keys_images;
mod refusals_network;
mod refusals_network_interfaces;
mod refusals_prefix_list;
mod refusals_vpc;
mod refusals_vpc_addressing;
mod refusals_vpc_endpoints;
mod scenario;
mod shapes;
mod support;
mod vpc_addressing;
mod vpc_endpoints;
