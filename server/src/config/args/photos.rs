//! Section `[photos]`: pictures of a visit and where they are kept.

use std::path::PathBuf;

use serde::Deserialize;

use crate::config::values::Secret;

/// Section `[photos]`: pictures of a visit and where they are kept.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Photos")]
pub struct PhotosArgs {
    /// Where photos are kept, a folder or s3://bucket/prefix [default: photos in the data folder].
    #[arg(long = "photos-store", value_name = "PLACE")]
    pub store: Option<String>,

    /// Address of an S3-compatible store [default: none, that of AWS].
    #[arg(
        long = "photos-s3-endpoint",
        value_name = "URL",
        hide_short_help = true
    )]
    pub s3_endpoint: Option<String>,

    /// Region of the bucket [default: us-east-1].
    #[arg(long = "photos-s3-region", value_name = "NAME", hide_short_help = true)]
    pub s3_region: Option<String>,

    /// Id of the access key to the bucket [default: none].
    #[arg(
        long = "photos-s3-access-key",
        value_name = "ID",
        hide_short_help = true
    )]
    pub s3_access_key: Option<String>,

    /// Secret of the access key [default: none].
    #[arg(
        long = "photos-s3-secret-key",
        value_name = "SECRET",
        hide_short_help = true
    )]
    pub s3_secret_key: Option<Secret>,

    /// File that holds the secret of the access key [default: none].
    #[arg(
        long = "photos-s3-secret-key-file",
        value_name = "FILE",
        hide_short_help = true
    )]
    pub s3_secret_key_file: Option<PathBuf>,

    /// Where requests name the bucket: path (/bucket/key) or virtual_hosted (bucket.host/key) [default: path].
    #[arg(long = "photos-s3-style", value_name = "STYLE", hide_short_help = true)]
    pub s3_style: Option<String>,

    /// Largest photo that is taken, bytes, 65536 to 67108864 [default: 10485760].
    #[arg(
        long = "photos-max-bytes",
        value_name = "BYTES",
        hide_short_help = true
    )]
    pub max_bytes: Option<usize>,

    /// Most pixels of a photo that is looked at, 1000000 to 200000000 [default: 50000000].
    #[arg(
        long = "photos-max-pixels",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub max_pixels: Option<u64>,

    /// Most memory for reading one photo, MiB, 32 to 2048 [default: 256].
    #[arg(long = "photos-decode-mib", value_name = "MIB", hide_short_help = true)]
    pub decode_mib: Option<u64>,

    /// Longer side of a photo as it is kept, pixels, 512 to 8192 [default: 2048].
    #[arg(
        long = "photos-kept-side-px",
        value_name = "PIXELS",
        hide_short_help = true
    )]
    pub kept_side_px: Option<u32>,

    /// Most photos of one visit, 1 to 200 [default: 20].
    #[arg(
        long = "photos-most-per-visit",
        value_name = "COUNT",
        hide_short_help = true
    )]
    pub most_per_visit: Option<u64>,
}
