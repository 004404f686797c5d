"""A network as an ONNX graph, from its weights alone.

Perceptrons are products with ReLU between them; the convolutional network takes its input
relative to the loudest point, as in training. Batch normalisation, which is linear once a
network is trained, is folded into the layer before it.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float32]
Layers = list[tuple[str, Array, Array]]
_IR_VERSION = 8
_OPSET = 17
_EPSILON = 1e-5


def onnx_bytes(
    weights: "Mapping[str, Tensor]", temperature: float, metadata: Mapping[str, str]
) -> bytes:
    """The network as an ONNX file: features to probabilities.

    `features` is [clips, n_features], or [clips, n_mels, frames] in dB; `probabilities` is
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
    nodes = list(_linear_nodes(layers))
    return _graph(nodes, layers, {"temperature": temperature}, ["clips", n_features], n_classes)


def _linear_nodes(layers: Layers) -> Iterator[Any]:
    value = "features"
    for name, _, _ in layers[:-1]:
        yield helper.make_node(
            "Gemm", [value, f"{name}.weight", f"{name}.bias"], [f"{name}.linear"], transB=1
        )
        value = f"{name}.relu"
        yield helper.make_node("Relu", [f"{name}.linear"], [value])
    yield from _last_nodes(layers[-1][0], value)


def _convolutional(arrays: Mapping[str, Array], temperature: Array) -> Any:
    layers = _folded_layers(arrays, "layers")
    last = ("last", arrays["last.weight"], arrays["last.bias"])
    more = {"temperature": temperature, "mean": arrays["mean"], "deviation": arrays["deviation"]}
    n_mels, n_classes = arrays["mean"].shape[0], last[1].shape[0]
    nodes = [*_scale_nodes(more), *_convolution_nodes(layers, arrays), *_pooling_nodes()]
    nodes += _last_nodes("last", "embedding")
    return _graph(nodes, [*layers, last], more, ["clips", n_mels, "frames"], n_classes)


def _scale_nodes(more: dict[str, Any]) -> Iterator[Any]:
    """(features - their maximum - mean) / deviation, with an axis for the one channel."""
    more["channel"] = np.array([1], np.int64)
    yield helper.make_node("ReduceMax", ["features"], ["peak"], axes=[1, 2], keepdims=1)
    yield helper.make_node("Sub", ["features", "peak"], ["relative"])
    yield helper.make_node("Sub", ["relative", "mean"], ["centred"])
    yield helper.make_node("Div", ["centred", "deviation"], ["scaled"])
    yield helper.make_node("Unsqueeze", ["scaled", "channel"], ["map"])


def _convolution_nodes(layers: Layers, arrays: Mapping[str, Array]) -> Iterator[Any]:
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


def _last_nodes(name: str, value: str) -> Iterator[Any]:
    """The last linear layer, and the probabilities of what it says."""
    inputs = [value, f"{name}.weight", f"{name}.bias"]
    yield helper.make_node("Gemm", inputs, ["logits"], transB=1)
    yield helper.make_node("Div", ["logits", "temperature"], ["tempered"])
    yield helper.make_node("Softmax", ["tempered"], ["probabilities"], axis=1)


def _folded_layers(arrays: Mapping[str, Array], prefix: str) -> Layers:
    """(name, weight, bias) of every layer with weights, batch normalisation folded in."""
    layers: Layers = []
    for name in (key.removesuffix(".weight") for key in arrays if key.endswith(".weight")):
        if not name.startswith(f"{prefix}."):
            continue
        weight = arrays[f"{name}.weight"]
        if f"{name}.running_var" in arrays:
            before, kernel, bias = layers.pop()
            layers.append((before, *_normalised(kernel, bias, arrays, name)))
        else:
            bias = arrays.get(f"{name}.bias", np.zeros(len(weight), np.float32))
            layers.append((name, weight, bias))
    return layers


def _normalised(
    weight: Array, bias: Array, arrays: Mapping[str, Array], name: str
) -> tuple[Array, Array]:
    """Weight and bias of a layer and the batch normalisation after it, as one layer."""
    scale = arrays[f"{name}.weight"] / np.sqrt(arrays[f"{name}.running_var"] + _EPSILON)
    shifted = (bias - arrays[f"{name}.running_mean"]) * scale + arrays[f"{name}.bias"]
    return weight * scale.reshape(-1, *[1] * (weight.ndim - 1)), shifted


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
