//! placeholder
/// x
#[derive(Debug)] pub struct IdlePool;
/// x
#[derive(Debug)] pub struct PoolRules;
