//! What all formats say of known networks, and that the drawing holds for generated ones.

mod drawing;
mod fixture;
mod formats;
mod scopes;
