"""Properties of the Merkle tree, its tiles and its proofs, compared with the definition of RFC 6962."""

from hypothesis import given
from hypothesis import strategies as st

from tests.sealed_logs import key_of, naive_root, public, sealed, verifies
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.sealing.proofs import consistency_proof, extends, includes, inclusion_proof
from traffic_booking.domain.sealing.tiles import GrowingLog, bundled, leaves_in, stale_partials
from traffic_booking.domain.sealing.tree import leaf_hash, root_of

SIZES = st.one_of(st.integers(1, 40), st.integers(240, 300), st.integers(510, 520))
KEY = key_of(1)


def leaves_of(size):
    return [f"leaf {place}".encode() for place in range(size)]


def nodes_over(leaves):
    def node(height, index):
        return naive_root(leaves[index << height : (index + 1) << height])

    return node


def opened(log):
    return SealedLog(log, [public(KEY)], verifies)


@given(st.lists(st.binary(max_size=5), max_size=70))
def test_a_root_is_that_of_the_definition(leaves):
    tree = GrowingLog()
    for leaf in leaves:
        [*tree.add(leaf)]

    assert tree.root() == root_of([*map(leaf_hash, leaves)]) == naive_root(leaves)


@given(SIZES, st.data())
def test_every_leaf_has_a_proof_and_no_other_leaf_has_it(size, data):
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index) if size > 1 else st.none())
    log = opened(sealed(leaves, KEY))
    root, hashed = naive_root(leaves), leaf_hash(leaves[index])
    proof = log.inclusion_proof(index)

    assert log.newest.root == root
    assert proof == inclusion_proof(nodes_over(leaves), index, size)
    assert includes(root, size, index, hashed, proof)
    assert not includes(root, size, index, leaf_hash(b"another"), proof)
    assert not includes(root, size, index, hashed, (*proof, hashed))
    assert not proof or not includes(root, size, index, hashed, proof[:-1])
    assert other is None or not includes(root, size, other, hashed, proof)


@given(SIZES, st.data())
def test_a_tree_extends_each_of_its_beginnings_and_nothing_else(size, data):
    leaves = leaves_of(size)
    before = data.draw(st.integers(0, size))
    log = opened(sealed(leaves, KEY))
    old, new = (before, naive_root(leaves[:before])), (size, naive_root(leaves))
    proof = log.consistency_proof(before)
    forged = (before, leaf_hash(b"another tree"))

    assert proof == consistency_proof(nodes_over(leaves), before, size)
    assert extends(old, new, proof)
    assert not extends(forged, new, proof)
    assert not extends(old, (size, leaf_hash(b"another tree")), proof) or before == 0
    assert not extends(new, old, proof) or before == size
    assert not extends(old, new, (*proof, new[1]))


@given(SIZES, st.data())
def test_a_flipped_bit_of_a_proof_is_refused(size, data):
    leaves = leaves_of(size)
    index, before = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, nodes = naive_root(leaves), nodes_over(leaves)
    for proof, holds in (
        (inclusion_proof(nodes, index, size), lambda it: includes(root, size, index, leaf_hash(leaves[index]), it)),
        (
            consistency_proof(nodes, before, size),
            lambda it: extends((before, naive_root(leaves[:before])), (size, root), it),
        ),
    ):
        if proof:
            place, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
            flipped = (int.from_bytes(proof[place], "big") ^ 1 << bit).to_bytes(32, "big")
            assert holds(proof)
            assert not holds((*proof[:place], flipped, *proof[place + 1 :]))


@given(SIZES, st.sets(st.integers(1, 520), max_size=3), st.data())
def test_a_log_that_is_opened_again_grows_as_if_it_had_never_been_closed(size, stops, data):
    leaves = leaves_of(size)
    whole = sealed(leaves, KEY, stops)
    stop = data.draw(st.integers(0, size))
    begun = sealed(leaves[:stop], KEY, stops)
    tree = opened(begun).growing()
    for leaf in leaves[stop:]:
        begun.files.update(tree.add(leaf))
    begun.files.update(tree.edge_files())

    assert tree.root() == naive_root(leaves)
    assert begun.files.items() >= {path: each for path, each in whole.files.items() if ".p/" not in path}.items()
    assert begun.files.items() >= dict(tree.edge_files()).items() <= whole.files.items()
    assert [*opened(whole).leaves()] == [*opened(whole).verified_leaves()] == leaves
    for path in [path for path in begun.files if path.rpartition("/")[0] in stale_partials(stop, size)]:
        del begun.files[path]
    begun.notes = whole.notes
    assert [*opened(begun).verified_leaves()] == leaves


@given(st.integers(1, 700), st.integers(0, 700), st.integers(0, 700))
def test_a_part_of_the_leaves_is_that_part(size, first, until):
    leaves = leaves_of(size)

    assert [*opened(sealed(leaves, KEY)).leaves(first, until)] == leaves[first:until]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_is_read_as_it_was_written(leaves):
    assert leaves_in("a bundle", len(leaves), bundled(leaves)) == leaves
