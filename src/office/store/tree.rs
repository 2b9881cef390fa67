//! A lane's Merkle tree (RFC 6962 section 2.1) as far as it is here, kept as the roots of its perfect subtrees: adding a
//! leaf and telling the root take as many hashes as the size has binary digits.

use sha2::{Digest as _, Sha256};

/// The perfect subtrees of a tree of `size` leaves, from the largest to the smallest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<[u8; 32]>,
}

impl Tree {
    /// The tree that these peaks stand for; `None` when their number does not fit the size.
    #[must_use]
    pub fn from_peaks(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        (rest.is_empty() && peaks.len() == size.count_ones() as usize).then(|| Self {
            size,
            peaks: peaks.to_vec(),
        })
    }

    /// The peaks one after the other.
    #[must_use]
    pub fn peaks(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of a leaf.
    pub fn push(&mut self, leaf: [u8; 32]) {
        let mut node = leaf;
        // Two perfect trees of one size make the next larger one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = parent(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The tree's head; of an empty tree the hash of nothing.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        let mut smallest_first = self.peaks.iter().rev();
        let Some(smallest) = smallest_first.next() else {
            return Sha256::digest(b"").into();
        };
        smallest_first.fold(*smallest, |right, left| parent(left, &right))
    }
}

fn parent(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 6962 section 2.1, word for word.
    fn head(leaves: &[[u8; 32]]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => *leaf,
            more => {
                let half = more.len().next_power_of_two() / 2;
                parent(&head(&more[..half]), &head(&more[half..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_rfc_at_every_size() {
        let leaves: Vec<[u8; 32]> = (0_u16..300)
            .map(|n| Sha256::digest(n.to_be_bytes()).into())
            .collect();
        let mut tree = Tree::default();
        for size in 0..leaves.len() {
            assert_eq!(tree.root(), head(&leaves[..size]), "{size}");
            let kept = Tree::from_peaks(tree.size(), &tree.peaks()).unwrap();
            assert_eq!(kept, tree);
            assert_eq!(Tree::from_peaks(tree.size() + 1, &[0; 32 * 12]), None);
            tree.push(leaves[size]);
        }
    }
}
