"""Which clips train, validate and test."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import BadConfig
from urbansound.records import Card, Protocol, Split

RANDOM_SHARES = (0.8, 0.1)


def build_protocol(
    folds: Sequence[int],
    *,
    kind: str = "official",
    test_fold: int | None = None,
    validation_fold: int | None = None,
    with_validation: bool = True,
    with_test: bool = True,
    seed: int = 0,
) -> Protocol:
    """A protocol over the folds that are present, checked.

    Without a test fold the last one present is taken; without a validation fold the
    present fold before the test fold, cyclically. BadConfig for a fold that is not there.
    """
    if kind == "random":
        return Protocol("random", (), (), seed)
    if kind != "official":
        raise BadConfig(f"There is no protocol '{kind}'. Choose official or random.")
    present = sorted(folds)
    test = (present[-1] if test_fold is None else test_fold) if with_test else None
    validation = validation_fold
    if validation is None and with_validation:
        validation = fold_before(present, test if test is not None else present[0])
    protocol = Protocol("official", _as_folds(test), _as_folds(validation), seed)
    check_protocol(protocol, present)
    return protocol


def crossval_protocol(
    present: Sequence[int], folds: Sequence[int], *, with_validation: bool = True, seed: int = 0
) -> Protocol:
    """The protocol of a cross-validation: each of these folds tests once, by itself.

    Its validation folds stand in the same order, each the present one before its test fold.
    BadConfig for a fold named twice or not there.
    """
    if len(set(folds)) < len(folds):
        raise BadConfig("Each fold tests once; the list of folds names one twice.")
    protocols = [
        build_protocol(present, test_fold=fold, with_validation=with_validation) for fold in folds
    ]
    validation = tuple(fold for protocol in protocols for fold in protocol.validation_folds)
    return Protocol("official", tuple(folds), validation, seed)


def tested_protocol(card: Card) -> Protocol:
    """How a card's test scores came about: fold by fold, where it has several."""
    if not card.folds:
        return card.spec.protocol
    folds = tuple(fold.fold for fold in card.folds)
    return replace(card.spec.protocol, kind="official", test_folds=folds)


def has_never_heard(card: Card, fold: int) -> bool:
    """Whether neither training nor choosing saw a fold of the card's own dataset.

    Weights whose scores come fold by fold learned from all of these folds in the end.
    """
    if not card.folds:
        protocol = card.spec.protocol
        return protocol.kind == "official" and fold in protocol.test_folds
    is_all = card.test is not None and 0 < card.n_train <= card.test.n
    return is_all and fold not in tested_protocol(card).test_folds


def fold_before(present: Sequence[int], fold: int) -> int | None:
    """The present fold before this one, cyclically; None when there is no other."""
    others = [other for other in sorted(present) if other != fold]
    lower = [other for other in others if other < fold]
    return max(lower or others, default=None)


def check_protocol(protocol: Protocol, present: Sequence[int]) -> None:
    """Raise BadConfig where the folds named cannot be used on a dataset with these folds."""
    if protocol.kind == "random":
        return
    named = (*protocol.test_folds, *protocol.validation_folds)
    for fold in named:
        if fold not in present:
            raise BadConfig(
                f"There is no fold {fold} in this dataset. It has {_fold_list(present)}."
            )
    if len(set(named)) < len(named):
        raise BadConfig(
            f"Fold {protocol.test_folds[0]} cannot both validate and test. Choose two folds."
        )
    if set(named) >= set(present):
        raise BadConfig(
            f"No fold is left to train on: this dataset has {_fold_list(present)}. "
            "Train without a validation fold (--validation-fold none), or with more data."
        )


def split_rows(folds: NDArray[np.int64], protocol: Protocol) -> Split:
    """Row numbers that train, validate and test, for the fold of every row [n].

    `random` shuffles rows by the protocol's seed and cuts 80/10/10; it leaks, because
    clips of one recording fall on both sides.
    """
    if protocol.kind == "random":
        rows = np.random.default_rng(protocol.seed).permutation(len(folds)).astype(np.int64)
        n_train, n_validation = (round(share * len(folds)) for share in RANDOM_SHARES)
        parts = np.split(rows, [n_train, n_train + n_validation])
        return Split(*(np.sort(part) for part in parts))
    check_protocol(protocol, sorted(set(folds.tolist())))
    is_test = np.isin(folds, protocol.test_folds)
    is_validation = np.isin(folds, protocol.validation_folds)
    masks = (~is_test & ~is_validation, is_validation, is_test)
    return Split(*(np.flatnonzero(mask).astype(np.int64) for mask in masks))


def _as_folds(fold: int | None) -> tuple[int, ...]:
    return () if fold is None else (fold,)


def _fold_list(present: Sequence[int]) -> str:
    numbers = ", ".join(str(fold) for fold in present)
    return f"fold {numbers} only" if len(present) == 1 else f"folds {numbers}"
