//! vpcrun
