//! SSH's encodings of numbers and texts. Source: RFC 4251, section 5.

use zeroize::Zeroizing;

/// Writes the fields of a key. What it wrote may be secret, so it is erased when dropped.
#[derive(Default)]
pub(super) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        // Growing a vector leaves a copy of the old content behind; so grow by hand and erase it.
        if self.0.capacity() - self.0.len() < bytes.len() {
            let mut grown = Zeroizing::new(Vec::with_capacity((self.0.len() + bytes.len()).max(64) * 2));
            grown.extend_from_slice(&self.0);
            self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn uint32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }

    pub(super) fn string(self, bytes: &[u8]) -> Self {
        // No field of a key comes near 4 GiB.
        self.uint32(u32::try_from(bytes.len()).unwrap_or(u32::MAX)).raw(bytes)
    }

    /// A number that is not negative, given in big-endian order.
    pub(super) fn mpint(self, number: &[u8]) -> Self {
        let number = without_leading_zeros(number);
        // A first bit of 1 would read as a negative number.
        let padding: &[u8] = if number.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
        let length = u32::try_from(padding.len() + number.len()).unwrap_or(u32::MAX);
        self.uint32(length).raw(padding).raw(number)
    }

    pub(super) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

pub(super) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// Reads the fields of a key; `None` where they end too early.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (string, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }

    /// A number over zero, in big-endian order and without leading zeros.
    pub(super) fn positive_mpint(&mut self) -> Option<&'a [u8]> {
        let bytes = self.string()?;
        let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
        let number = without_leading_zeros(bytes);
        (!negative && !number.is_empty()).then_some(number)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}
