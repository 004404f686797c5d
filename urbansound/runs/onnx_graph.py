"""A network as an ONNX graph, from its weights alone.

Perceptrons are products with ReLU between them; the convolutional network takes its input
relative to the loudest point, as in training, and hears 4 s. Batch normalisation, which is
linear once a network is trained, is folded into the layer beside it.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from urbansound.features.clip import row_shape
from urbansound.features.spec import LOGMEL
from urbansound.models.catalog import LEVELS_SHARE

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float32]
Layers = list[tuple[str, Array, Array]]
_IR_VERSION = 8
_OPSET = 17
_EPSILON = 1e-5
# The two last layers of the convolutional network, one for each voice.
_ENDS = ("last", "last_of_levels")
N_FRAMES = row_shape(LOGMEL)[1]


def onnx_bytes(
    weights: "Mapping[str, Tensor]", temperature: float, metadata: Mapping[str, str]
) -> bytes:
    """The network as an ONNX file: features to probabilities.

    `features` is [clips, n_features], or [clips, n_mels, frames of 4 s] in dB; `probabilities` is
    [clips, classes]. `logits` is the last linear layer; probabilities are its softmax after
    division by the temperature, as everywhere in the app.
    """
    arrays = {name: tensor.numpy() for name, tensor in weights.items()}
    build = _convolutional if "layers.0.weight" in arrays else _perceptron
    graph = build(arrays, np.array(temperature, np.float32))
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, ir_version=_IR_VERSION, opset_imports=[opset])
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _perceptron(arrays: Mapping[str, Array], temperature: Array) -> Any:
    layers = _folded_layers(arrays, "network")
    n_features, n_classes = layers[0][1].shape[1], layers[-1][1].shape[0]
    nodes = [*_linear_nodes(layers[:-1], "features"), _gemm(layers[-1][0], "hidden", "logits")]
    nodes += _probability_nodes()
    return _graph(nodes, layers, {"temperature": temperature}, ["clips", n_features], n_classes)


def _linear_nodes(layers: Layers, value: str) -> Iterator[Any]:
    """Products with ReLU after each; the last one's value is "hidden"."""
    for name, _, _ in layers:
        yield helper.make_node(
            "Gemm", [value, f"{name}.weight", f"{name}.bias"], [f"{name}.linear"], transB=1
        )
        value = "hidden" if name == layers[-1][0] else f"{name}.relu"
        yield helper.make_node("Relu", [f"{name}.linear"], [value])


def _convolutional(arrays: Mapping[str, Array], temperature: Array) -> Any:
    course, levels = _folded_layers(arrays, "layers"), _folded_layers(arrays, "levels")
    ends = [(name, arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in _ENDS]
    more = {"temperature": temperature, "mean": arrays["mean"], "deviation": arrays["deviation"]}
    n_mels, n_classes = arrays["mean"].shape[0], ends[0][1].shape[0]
    nodes = [*_scale_nodes(more), *_convolution_nodes(course), *_pooling_nodes()]
    nodes += [*_level_nodes(more), *_linear_nodes(levels, "levels")]
    nodes += _joining_nodes(more)
    shape = ["clips", n_mels, N_FRAMES]
    return _graph(nodes, [*course, *levels, *ends], more, shape, n_classes)


def _scale_nodes(more: dict[str, Any]) -> Iterator[Any]:
    """(features - their maximum - mean) / deviation, with an axis for the one channel."""
    more["channel"] = np.array([1], np.int64)
    yield helper.make_node("ReduceMax", ["features"], ["peak"], axes=[1, 2], keepdims=1)
    yield helper.make_node("Sub", ["features", "peak"], ["relative"])
    yield helper.make_node("Sub", ["relative", "mean"], ["centred"])
    yield helper.make_node("Div", ["centred", "deviation"], ["scaled"])
    yield helper.make_node("Unsqueeze", ["scaled", "channel"], ["map"])


def _convolution_nodes(layers: Layers) -> Iterator[Any]:
    """Convolutions with ReLU, and a pooling wherever the numbering leaves room for one."""
    value = "map"
    numbers = [int(name.split(".")[1]) for name, _, _ in layers]
    for place, (name, weight, _) in enumerate(layers):
        kernel = weight.shape[2]
        yield helper.make_node(
            "Conv",
            [value, f"{name}.weight", f"{name}.bias"],
            [f"{name}.linear"],
            kernel_shape=[kernel, kernel],
            pads=[kernel // 2] * 4,
            strides=[1, 2] if place == 0 else [1, 1],
        )
        is_last = place == len(layers) - 1
        has_pooling = not is_last and numbers[place + 1] - numbers[place] > 3
        value = "maps" if is_last else f"{name}.relu"
        yield helper.make_node("Relu", [f"{name}.linear"], [value])
        if has_pooling:
            yield helper.make_node(
                "AveragePool", [value], [f"{name}.pool"], kernel_shape=[2, 2], strides=[2, 2]
            )
            value = f"{name}.pool"


def _pooling_nodes() -> Iterator[Any]:
    """The mean over bands; of that the mean and the maximum over time."""
    yield helper.make_node("ReduceMean", ["maps"], ["in_time"], axes=[2], keepdims=0)
    yield helper.make_node("ReduceMean", ["in_time"], ["mean_in_time"], axes=[2], keepdims=0)
    yield helper.make_node("ReduceMax", ["in_time"], ["max_in_time"], axes=[2], keepdims=0)
    yield helper.make_node("Concat", ["mean_in_time", "max_in_time"], ["embedding"], axis=1)


def _level_nodes(more: dict[str, Any]) -> Iterator[Any]:
    """Each band's mean and deviation, and those of its first and second differences."""
    bounds = {"first": 0, "second": 1, "next_last": -1, "end": np.iinfo(np.int64).max, "time": 2}
    more |= {name: np.array([value], np.int64) for name, value in bounds.items()}
    parts = []
    for order, value in enumerate(("scaled", "steps", "second_steps")):
        parts.append(f"deviation_{order}")
        more[f"degrees_{order}"] = np.array(N_FRAMES - order - 1, np.float32)
        yield from _deviation_nodes(value, f"degrees_{order}", parts[-1])
        if order < 2:
            yield from _difference_nodes(value, ("steps", "second_steps")[order])
    yield helper.make_node("ReduceMean", ["scaled"], ["level"], axes=[2], keepdims=0)
    yield helper.make_node("Concat", ["level", *parts], ["levels"], axis=1)


def _deviation_nodes(value: str, degrees: str, name: str) -> Iterator[Any]:
    yield helper.make_node("ReduceMean", [value], [f"{name}.mean"], axes=[2], keepdims=1)
    yield helper.make_node("Sub", [value, f"{name}.mean"], [f"{name}.off"])
    yield helper.make_node(
        "ReduceSumSquare", [f"{name}.off"], [f"{name}.sum"], axes=[2], keepdims=0
    )
    yield helper.make_node("Div", [f"{name}.sum", degrees], [f"{name}.variance"])
    yield helper.make_node("Sqrt", [f"{name}.variance"], [name])


def _difference_nodes(value: str, name: str) -> Iterator[Any]:
    """Every frame less the one before it."""
    later, earlier = f"{name}.later", f"{name}.earlier"
    yield helper.make_node("Slice", [value, "second", "end", "time"], [later])
    yield helper.make_node("Slice", [value, "first", "next_last", "time"], [earlier])
    yield helper.make_node("Sub", [later, earlier], [name])


def _joining_nodes(more: dict[str, Any]) -> Iterator[Any]:
    """The weighted mean of both voices' logits."""
    shares = {"course": 1 - LEVELS_SHARE, "colour": LEVELS_SHARE}
    for (voice, share), end, value in zip(
        shares.items(), _ENDS, ("embedding", "hidden"), strict=True
    ):
        more[f"{voice}.share"] = np.array(share, np.float32)
        yield _gemm(end, value, f"{voice}.logits")
        yield helper.make_node("Mul", [f"{voice}.logits", f"{voice}.share"], [voice])
    yield helper.make_node("Add", list(shares), ["logits"])
    yield from _probability_nodes()


def _gemm(layer: str, value: str, output: str) -> Any:
    inputs = [value, f"{layer}.weight", f"{layer}.bias"]
    return helper.make_node("Gemm", inputs, [output], transB=1)


def _probability_nodes() -> Iterator[Any]:
    yield helper.make_node("Div", ["logits", "temperature"], ["tempered"])
    yield helper.make_node("Softmax", ["tempered"], ["probabilities"], axis=1)


def _folded_layers(arrays: Mapping[str, Array], prefix: str) -> Layers:
    """(name, weight, bias) of every layer with weights, batch normalisation folded in."""
    layers: Layers = []
    before: tuple[Array, Array] | None = None
    for name in (key.removesuffix(".weight") for key in arrays if key.endswith(".weight")):
        if not name.startswith(f"{prefix}."):
            continue
        if f"{name}.running_var" in arrays and layers:
            linear, weight, bias = layers.pop()
            layers.append((linear, *_normalised(weight, bias, arrays, name)))
        elif f"{name}.running_var" in arrays:
            before = _scale_and_shift(arrays, name)
        else:
            weight = arrays[f"{name}.weight"]
            bias = arrays.get(f"{name}.bias", np.zeros(len(weight), np.float32))
            if before is not None:
                bias, weight = bias + weight @ before[1], weight * before[0]
                before = None
            layers.append((name, weight, bias))
    return layers


def _scale_and_shift(arrays: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """Batch normalisation as one product and one sum."""
    scale = arrays[f"{name}.weight"] / np.sqrt(arrays[f"{name}.running_var"] + _EPSILON)
    return scale, arrays[f"{name}.bias"] - arrays[f"{name}.running_mean"] * scale


def _normalised(
    weight: Array, bias: Array, arrays: Mapping[str, Array], name: str
) -> tuple[Array, Array]:
    """Weight and bias of a layer and the batch normalisation after it, as one layer."""
    scale, shift = _scale_and_shift(arrays, name)
    return weight * scale.reshape(-1, *[1] * (weight.ndim - 1)), bias * scale + shift


def _graph(
    nodes: list[Any], layers: Layers, more: Mapping[str, Any], shape: list[Any], n_classes: int
) -> Any:
    numbers = {f"{name}.weight": weight for name, weight, _ in layers}
    numbers |= {f"{name}.bias": bias for name, _, bias in layers}
    outputs = [_tensor(name, ["clips", n_classes]) for name in ("logits", "probabilities")]
    tensors = [numpy_helper.from_array(a, name) for name, a in {**numbers, **more}.items()]
    return helper.make_graph(nodes, "urbansound", [_tensor("features", shape)], outputs, tensors)


def _tensor(name: str, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
