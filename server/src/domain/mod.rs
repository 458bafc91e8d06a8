//! Pure rules: no HTTP, no database, no runtime, no clock of their own.
