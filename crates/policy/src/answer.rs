//! Signed answers: the collector's word, signed once for all the answers that leave together.
//!
//! The bodies are the leaves of a Merkle tree (RFC 9162, section 2.1). The field `Answer-Tree` carries its root, and that
//! field and the status are what the signature covers (RFC 9421): it is the same for every answer of the tree. Beside it
//! `Answer-Proof` shows the way from this body to the root. One answer alone is a tree of one leaf and an empty way.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SIGNATURE_LENGTH;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::PublicKey;
use crate::message::{Claim, Covered, SignatureFault, claim, sign_covered};

/// The field that names the tree.
pub const TREE_FIELD: &str = "answer-tree";
/// The field that shows a body's place in it.
pub const PROOF_FIELD: &str = "answer-proof";
/// The name under which a collector signs; its key is in the policy.
pub const COLLECTOR: &str = "collector";

/// The status of every answer that is signed.
const STATUS: u16 = 200;
/// What tells a leaf from an inner node (RFC 9162, section 2.1.1).
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// A leaf or node of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node([u8; 32]);

impl Node {
    /// The leaf of a body.
    pub fn leaf(body: &[u8]) -> Self {
        Self(Sha256::new().chain_update(LEAF).chain_update(body).finalize().into())
    }

    fn over(left: &Self, right: &Self) -> Self {
        Self(Sha256::new().chain_update(NODE).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    fn read(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(':')?.strip_suffix(':')?;
        Some(Self(STANDARD.decode(encoded).ok()?.try_into().ok()?))
    }
}

impl std::fmt::Display for Node {
    /// A byte sequence of a structured field (RFC 9651).
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, ":{}:", STANDARD.encode(self.0))
    }
}

/// Answers that were signed together.
#[derive(Clone, Debug)]
pub struct SignedAnswers {
    /// From the leaves to the root.
    levels: Vec<Vec<Node>>,
    /// `Answer-Tree`, the same for all.
    pub tree: String,
    /// `Signature-Input` (RFC 9421), the same for all.
    pub signature_input: String,
    /// `Signature` (RFC 9421), the same for all.
    pub signature: String,
}

impl SignedAnswers {
    /// Signs answers whose bodies these leaves stand for, one at least. `created` is the signer's clock; `sign` makes the
    /// Ed25519 signature of the bytes that it is given.
    pub fn sign(
        leaves: Vec<Node>,
        created: Timestamp,
        sign: impl FnOnce(&[u8]) -> [u8; SIGNATURE_LENGTH],
    ) -> Self {
        let size = leaves.len();
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            // The last one of an odd number has no partner and moves up as it is.
            let above = below.chunks(2).map(|pair| match pair {
                [left, right] => Node::over(left, right),
                alone => alone[0],
            });
            levels.push(above.collect());
        }
        let root = levels.last().and_then(|top| top.first()).copied().unwrap_or(Node::leaf(b""));
        let tree = format!("root={root}, size={size}");
        let signed = sign_covered(&covered(&tree), COLLECTOR, created, sign);
        Self { levels, tree, signature_input: signed.signature_input, signature: signed.signature }
    }

    /// `Answer-Proof` of the answer at this place.
    pub fn proof(&self, index: usize) -> String {
        let mut proof = format!("index={index}, path=(");
        let mut place = index;
        for level in &self.levels {
            if let Some(sibling) = level.get(place ^ 1) {
                if !proof.ends_with('(') {
                    proof.push(' ');
                }
                proof.push(':');
                STANDARD.encode_string(sibling.0, &mut proof);
                proof.push(':');
            }
            place /= 2;
        }
        proof.push(')');
        proof
    }
}

/// The fields that carry one answer's signature, as they came.
#[derive(Clone, Copy, Debug)]
pub struct AnswerFields<'a> {
    /// `Answer-Tree`.
    pub tree: &'a str,
    /// `Answer-Proof`.
    pub proof: &'a str,
    /// `Signature-Input` (RFC 9421).
    pub signature_input: &'a str,
    /// `Signature` (RFC 9421).
    pub signature: &'a str,
}

/// Whether the collector of this key signed an answer with this body.
///
/// # Errors
/// [`SignatureFault::Malformed`] where a field is missing or of another form; [`SignatureFault::DigestMismatch`] where the
/// body is not the one that has this place in the tree; [`SignatureFault::WrongKey`] where another key signed.
pub fn verify(body: &[u8], fields: &AnswerFields<'_>, collector: &PublicKey) -> Result<(), SignatureFault> {
    let claim: Claim = claim(&covered(fields.tree), fields.signature_input, fields.signature)?;
    if claim.key_id != COLLECTOR {
        return Err(SignatureFault::WrongKey);
    }
    let (root, size) = read_tree(fields.tree).ok_or(SignatureFault::Malformed)?;
    let (index, path) = read_proof(fields.proof).ok_or(SignatureFault::Malformed)?;
    if climb(Node::leaf(body), index, size, &path) != Some(root) {
        return Err(SignatureFault::DigestMismatch);
    }
    claim.verify(collector)
}

/// The root that a leaf's way leads to (RFC 9162, section 2.1.3.2); none where the way does not fit the place.
fn climb(leaf: Node, index: u64, size: u64, path: &[Node]) -> Option<Node> {
    let (mut place, mut last) = (index, size.checked_sub(1)?);
    if place > last {
        return None;
    }
    let mut node = leaf;
    for sibling in path {
        // Without a partner, a node moves up as it is.
        while place == last && place.is_multiple_of(2) && last > 0 {
            (place, last) = (place / 2, last / 2);
        }
        if last == 0 {
            return None;
        }
        node = if place.is_multiple_of(2) { Node::over(&node, sibling) } else { Node::over(sibling, &node) };
        (place, last) = (place / 2, last / 2);
    }
    while place == last && place.is_multiple_of(2) && last > 0 {
        (place, last) = (place / 2, last / 2);
    }
    (last == 0).then_some(node)
}

fn covered(tree: &str) -> Covered {
    Covered {
        components: r#""@status" "answer-tree""#.to_owned(),
        base: format!("\"@status\": {STATUS}\n\"answer-tree\": {tree}\n"),
    }
}

fn read_tree(text: &str) -> Option<(Node, u64)> {
    let (root, size) = text.strip_prefix("root=")?.split_once(", size=")?;
    Some((Node::read(root)?, size.parse().ok()?))
}

fn read_proof(text: &str) -> Option<(u64, Vec<Node>)> {
    let (index, path) = text.strip_prefix("index=")?.strip_suffix(')')?.split_once(", path=(")?;
    let path: Option<Vec<Node>> = path.split(' ').filter(|node| !node.is_empty()).map(Node::read).collect();
    Some((index.parse().ok()?, path?))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    fn key() -> (SigningKey, PublicKey) {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes());
        (key, public)
    }

    fn signed(size: usize, key: &SigningKey) -> SignedAnswers {
        let leaves = (0..size).map(|place| Node::leaf(&body(place))).collect();
        SignedAnswers::sign(leaves, Timestamp::UNIX_EPOCH, |base| key.sign(base).to_bytes())
    }

    fn body(place: usize) -> Vec<u8> {
        format!("answer {place}").into_bytes()
    }

    fn check(
        signed: &SignedAnswers,
        body: &[u8],
        proof: &str,
        collector: &PublicKey,
    ) -> Result<(), SignatureFault> {
        let SignedAnswers { tree, signature_input, signature, .. } = signed;
        verify(body, &AnswerFields { tree, proof, signature_input, signature }, collector)
    }

    #[test]
    fn every_answer_of_a_tree_of_any_size_holds_and_no_other_does() {
        let (key, public) = key();
        for size in 1..=33 {
            let signed = signed(size, &key);
            for place in 0..size {
                let proof = signed.proof(place);
                assert_eq!(check(&signed, &body(place), &proof, &public), Ok(()), "{place} of {size}");
                let other = check(&signed, &body(place + 1), &proof, &public);
                assert_eq!(other, Err(SignatureFault::DigestMismatch), "{place} of {size}");
            }
        }
    }

    #[test]
    fn the_root_is_the_one_of_rfc_9162() {
        // Section 2.1.5 of RFC 9162 draws this tree of seven: ((d0 d1) (d2 d3)) ((d4 d5) d6).
        let leaf = |place| Node::leaf(&body(place));
        let pair = |left, right| Node::over(&left, &right);
        let left = pair(pair(leaf(0), leaf(1)), pair(leaf(2), leaf(3)));
        let right = pair(pair(leaf(4), leaf(5)), leaf(6));
        assert_eq!(signed(7, &key().0).tree, format!("root={}, size=7", pair(left, right)));
    }

    #[test]
    fn an_inner_node_is_no_answer() {
        let (key, public) = key();
        let signed = signed(4, &key);
        // The two leaves of the left half, given out as a body of a tree of two.
        let inner = [LEAF.as_slice(), &Node::leaf(&body(0)).0, &Node::leaf(&body(1)).0].concat();
        let path = Node::over(&Node::leaf(&body(2)), &Node::leaf(&body(3)));
        let proof = format!("index=0, path=({path})");
        assert_eq!(check(&signed, &inner[1..], &proof, &public), Err(SignatureFault::DigestMismatch));
    }

    #[test]
    fn another_key_another_tree_and_other_forms_are_refused() {
        let (key, public) = key();
        let good = signed(3, &key);
        let proof = good.proof(1);
        let stranger = signed(3, &SigningKey::from_bytes(&[4; 32]));
        assert_eq!(check(&stranger, &body(1), &proof, &public), Err(SignatureFault::WrongKey));

        let larger = SignedAnswers { tree: signed(4, &key).tree, ..good.clone() };
        assert_eq!(check(&larger, &body(1), &larger.proof(1), &public), Err(SignatureFault::DigestMismatch));
        let own =
            SignedAnswers { tree: signed(4, &key).tree, levels: signed(4, &key).levels, ..good.clone() };
        assert_eq!(check(&own, &body(1), &own.proof(1), &public), Err(SignatureFault::WrongKey));

        for proof in ["", "index=1", "index=1, path=(:AA:)", "index=x, path=()", &format!("{proof} ")] {
            assert_eq!(check(&good, &body(1), proof, &public), Err(SignatureFault::Malformed), "{proof}");
        }
        let elsewhere = proof.replace("index=1", "index=7");
        assert_eq!(check(&good, &body(1), &elsewhere, &public), Err(SignatureFault::DigestMismatch));
    }
}
