//! Photos from outside: known by their content, read within limits, and written anew, so that nothing but the
//! picture itself is kept: no place, no device, no file hidden behind it.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

/// Most pixels along one side, whatever the other is.
const SIDE: u32 = 16_384;
/// Pixels along the longer side of a small picture for lists.
const SMALL_SIDE: u32 = 320;
/// Quality of what is kept: wounds are judged by colour and edge.
const QUALITY: u8 = 85;

/// How much of a photo is looked at, and how large it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most pixels that are read.
    pub pixels: u64,
    /// Most bytes of memory a decoder may ask for.
    pub memory: u64,
    /// Pixels along the longer side of what is kept.
    pub kept_side: u32,
}

/// Why a photo is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// Neither JPEG, PNG nor WebP.
    #[error("this is no JPEG, PNG or WebP")]
    TypeUnknown,
    /// More pixels than are read.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// It begins like a picture and cannot be read to its end.
    #[error("the picture cannot be read")]
    Unreadable,
}

impl PhotoError {
    /// Stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TypeUnknown => "photo_type_unknown",
            Self::TooManyPixels => "photo_too_many_pixels",
            Self::Unreadable => "photo_unreadable",
        }
    }
}

/// A picture as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleansed {
    /// JPEG without metadata.
    pub jpeg: Vec<u8>,
    /// The same, small.
    pub small: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Writes a picture anew as JPEG, the right way up. Heavy: not for the runtime's own threads.
pub fn cleanse(bytes: &[u8], limits: Limits) -> Result<Cleansed, PhotoError> {
    let picture = read(bytes, limits)?;
    let kept = scaled(&picture, limits.kept_side);
    let small = scaled(&kept, SMALL_SIDE);
    Ok(Cleansed {
        width: kept.width(),
        height: kept.height(),
        jpeg: written(&kept)?,
        small: written(&small)?,
    })
}

fn read(bytes: &[u8], limits: Limits) -> Result<DynamicImage, PhotoError> {
    let format = image::guess_format(bytes).map_err(|_| PhotoError::TypeUnknown)?;
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    if !known.contains(&format) {
        return Err(PhotoError::TypeUnknown);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::default();
    bounds.max_image_width = Some(SIDE);
    bounds.max_image_height = Some(SIDE);
    bounds.max_alloc = Some(limits.memory);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(|error| told(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(PhotoError::TooManyPixels);
    }
    let upright = decoder.orientation().map_err(|error| told(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| told(&error))?;
    picture.apply_orientation(upright);
    Ok(on_paper(picture))
}

/// Without transparency, on white: what is kept knows none, and a drawing's black lines would be lost on black.
fn on_paper(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture;
    }
    let mut picture = picture.into_rgba8();
    for pixel in picture.pixels_mut() {
        let [colours @ .., alpha] = &mut pixel.0;
        let through = u8::MAX - *alpha;
        for colour in colours {
            let shown = u16::from(*colour) * u16::from(*alpha) / 255;
            *colour = u8::try_from(shown)
                .unwrap_or(u8::MAX)
                .saturating_add(through);
        }
        *alpha = u8::MAX;
    }
    DynamicImage::ImageRgba8(picture)
}

/// At most so many pixels a side; never made larger.
fn scaled(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) > side {
        picture.thumbnail(side, side)
    } else {
        picture.clone()
    }
}

fn written(picture: &DynamicImage) -> Result<Vec<u8>, PhotoError> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&picture.to_rgb8())
        .map_err(|error| told(&error))?;
    Ok(jpeg)
}

fn told(error: &ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooManyPixels,
        ImageError::Unsupported(_) => PhotoError::TypeUnknown,
        _ => PhotoError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use image::{RgbImage, RgbaImage};

    use super::*;

    const LIMITS: Limits = Limits {
        pixels: 50_000_000,
        memory: 256 * 1024 * 1024,
        kept_side: 2_048,
    };

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x % 251) as u8, (y % 241) as u8, 90])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(image)
            .write_to(&mut bytes, format)
            .expect("a picture");
        bytes.into_inner()
    }

    #[test]
    fn the_three_kinds_come_out_as_jpeg_within_the_size() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let kept = cleanse(&picture(3000, 1500, format), LIMITS).expect("a photo");
            assert_eq!((kept.width, kept.height), (2048, 1024));
            for jpeg in [&kept.jpeg, &kept.small] {
                assert_eq!(image::guess_format(jpeg).ok(), Some(ImageFormat::Jpeg));
            }
            assert!(kept.small.len() < kept.jpeg.len());
        }
        let small = cleanse(&picture(9, 7, ImageFormat::Png), LIMITS).expect("a photo");
        assert_eq!((small.width, small.height), (9, 7));
    }

    #[test]
    fn a_drawing_without_a_background_comes_out_on_white() {
        let mut drawing = RgbaImage::from_pixel(32, 32, image::Rgba([0, 0, 0, 0]));
        for x in 0..16 {
            (0..32).for_each(|y| drawing.put_pixel(x, y, image::Rgba([0, 0, 0, 255])));
        }
        let mut bytes = Cursor::new(Vec::new());
        let drawing = DynamicImage::from(drawing);
        drawing
            .write_to(&mut bytes, ImageFormat::Png)
            .expect("a picture");
        let kept = cleanse(&bytes.into_inner(), LIMITS).expect("a drawing");
        let kept = image::load_from_memory(&kept.jpeg)
            .expect("a JPEG")
            .to_luma8();
        assert!(kept.get_pixel(4, 16).0[0] < 16 && kept.get_pixel(28, 16).0[0] > 239);
    }

    #[test]
    fn what_is_hidden_behind_a_picture_is_gone() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let mut polyglot = picture(64, 64, format);
            polyglot.extend_from_slice(b"PK\x03\x04 a zip <script>alert(1)</script>");
            let kept = cleanse(&polyglot, LIMITS).expect("a photo");
            let text = String::from_utf8_lossy(&kept.jpeg).into_owned();
            assert!(!text.contains("script") && !text.contains("PK\u{3}\u{4}"));
        }
    }

    #[test]
    fn other_files_are_refused_whatever_they_are_called() {
        for bytes in [
            &b"PK\x03\x04abc"[..],
            b"GIF89a",
            b"%PDF-1.7",
            b"<html></html>",
            b"<svg/>",
            b"",
        ] {
            assert_eq!(cleanse(bytes, LIMITS), Err(PhotoError::TypeUnknown));
        }
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let whole = picture(64, 64, format);
            let cut = cleanse(&whole[..40], LIMITS);
            assert_eq!(cut, Err(PhotoError::Unreadable), "{format:?}");
        }
    }

    /// A PNG that says it is 20,000 by 20,000 is refused by its head, before a pixel is read.
    #[test]
    fn a_picture_of_too_many_pixels_is_refused_by_its_head() {
        for (width, height) in [(20_000_u32, 20_000_u32), (60_000, 1), (8_000, 8_000)] {
            let mut bomb = picture(1, 1, ImageFormat::Png);
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let sum = crc32(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(cleanse(&bomb, LIMITS), Err(PhotoError::TooManyPixels));
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
            })
        })
    }
}
