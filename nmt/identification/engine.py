"""The trained classifier in numpy: what `nmt.identification.model` computes, folded so that a step is few operations.

The input products of all pieces are made once, as a table. With s(x) = (1 + tanh(x / 2)) / 2, the halves go into the
weights, so that both gates cost one tanh:

    [a_r; a_z] = tanh(T_rz[y] + U_rz h / 2)       r = (1 + a_r) / 2,  z = (1 + a_z) / 2
    n = tanh(T_n[y] + (1 + a_r) * (U_n h + b) / 2)
    h' = n + (1 + a_z) * (h - n) / 2
"""

# B texts, S pieces, W width, G = 3 W gate rows, L labels, V vocabulary

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nmt.identification.artifact import (
    EMBEDDING,
    INPUT,
    INPUT_BIAS,
    OUTPUT,
    OUTPUT_BIAS,
    RECURRENT,
    RECURRENT_BIAS,
    Weights,
)
from nmt.identification.config import PoolingKind

Floats = NDArray[np.float32]


class ClassifierEngine:
    """Pieces of texts to logits. It holds nothing that changes: several threads may use one at once."""

    def __init__(self, weights: Weights, pooling: PoolingKind) -> None:
        exact = {name: np.asarray(weight, np.float32) for name, weight in weights.items()}
        width = exact[RECURRENT].shape[1]
        self.width, self.pooling = width, pooling
        half_G = np.repeat(np.array([0.5, 0.5, 1], np.float32), width)
        bias_G = exact[INPUT_BIAS].copy()
        bias_G[: 2 * width] += exact[RECURRENT_BIAS][: 2 * width]
        self._table_VG = (exact[EMBEDDING] @ exact[INPUT].T + bias_G) * half_G
        self._recurrent_WG = np.ascontiguousarray(0.5 * exact[RECURRENT].T)
        self._bias_W = 0.5 * exact[RECURRENT_BIAS][2 * width :]
        self._output_LW, self._output_bias_L = exact[OUTPUT], exact[OUTPUT_BIAS]

    def logits(self, ids: Sequence[int]) -> Floats:
        """Logits [L] of one text of one piece or more: as in a batch, but with less work around each step."""
        width = self.width
        table_SG = self._table_VG.take(ids, axis=0)
        candidates_SW = table_SG[:, 2 * width :].copy()
        table_SG[:, 2 * width :] = self._bias_W
        outputs_SW = np.empty((len(ids), width), np.float32)
        products_G, n, change = table_SG[0], np.empty(width, np.float32), np.empty(width, np.float32)
        gates, candidate = products_G[: 2 * width], products_G[2 * width :]
        r, z, h = gates[:width], gates[width:], np.zeros(width, np.float32)
        dot, tanh, add, multiply, subtract = np.dot, np.tanh, np.add, np.multiply, np.subtract
        one, half, recurrent_WG = np.array(1, np.float32), np.array(0.5, np.float32), self._recurrent_WG
        for step, (row_G, row_W, output_W) in enumerate(zip(table_SG, candidates_SW, outputs_SW, strict=True)):
            if step:
                dot(h, recurrent_WG, out=products_G)
                add(products_G, row_G, out=products_G)
            tanh(gates, out=gates)
            add(gates, one, out=gates)
            multiply(r, candidate, out=n)
            add(n, row_W, out=n)
            tanh(n, out=n)
            subtract(h, n, out=change)
            multiply(change, z, out=change)
            multiply(change, half, out=change)
            h = add(n, change, out=output_W)
        return self._output_LW @ self._pooled(outputs_SW) + self._output_bias_L

    def batch_logits(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Logits [B, L] of texts of one piece or more, in any order; short ones leave the batch when they end."""
        width = self.width
        lengths_B = np.fromiter(map(len, texts), np.int64, len(texts))
        order_B = np.argsort(-lengths_B, kind="stable")
        running_S = len(texts) - np.searchsorted(np.sort(lengths_B), np.arange(lengths_B.max()), side="right")
        tokens_BS = np.zeros((len(texts), lengths_B.max()), np.int64)
        tokens_BS[np.arange(lengths_B.max()) < lengths_B[:, None]] = np.concatenate(texts)
        tokens_SB = np.ascontiguousarray(tokens_BS[order_B].T)
        h_BW = np.zeros((len(texts), width), np.float32)
        pooled_BW = np.zeros_like(h_BW) if self.pooling == "mean" else np.full_like(h_BW, -np.inf)
        products_BG = np.zeros((len(texts), 3 * width), np.float32)
        table_BG = np.empty_like(products_BG)
        for step, running in enumerate(running_S.tolist()):
            h, products, table = h_BW[:running], products_BG[:running], table_BG[:running]
            if step:
                np.dot(h, self._recurrent_WG, out=products)
            np.take(self._table_VG, tokens_SB[step, :running], axis=0, out=table, mode="clip")
            _advance(h, products, table, self._bias_W)
            if self.pooling == "mean":
                pooled_BW[:running] += h
            elif self.pooling == "max":
                np.maximum(pooled_BW[:running], h, out=pooled_BW[:running])
        if self.pooling == "mean":
            pooled_BW /= lengths_B[order_B][:, None]
        elif self.pooling == "last":
            pooled_BW = h_BW
        logits_BL = np.empty((len(texts), len(self._output_bias_L)), np.float32)
        logits_BL[order_B] = pooled_BW @ self._output_LW.T + self._output_bias_L
        return logits_BL

    def _pooled(self, outputs_SW: Floats) -> Floats:
        if self.pooling == "mean":
            mean_W: Floats = np.add.reduce(outputs_SW, axis=0) / np.float32(len(outputs_SW))
            return mean_W
        largest_W: Floats = outputs_SW.max(axis=0)
        return largest_W if self.pooling == "max" else outputs_SW[-1]


def _advance(h_BW: Floats, products_BG: Floats, table_BG: Floats, bias_W: Floats) -> None:
    """One step of all rows, in place of `h_BW`; the other two are used up."""
    width = h_BW.shape[1]
    gates, candidate = products_BG[:, : 2 * width], products_BG[:, 2 * width :]
    gates += table_BG[:, : 2 * width]
    np.tanh(gates, out=gates)
    gates += 1
    candidate += bias_W
    candidate *= gates[:, :width]
    candidate += table_BG[:, 2 * width :]
    np.tanh(candidate, out=candidate)
    h_BW -= candidate
    h_BW *= gates[:, width:]
    h_BW *= 0.5
    h_BW += candidate
