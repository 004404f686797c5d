"""A multilayer perceptron as an ONNX graph, from its weights alone."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float32]
_IR_VERSION = 8
_OPSET = 17


def onnx_bytes(
    weights: "Mapping[str, Tensor]", temperature: float, metadata: Mapping[str, str]
) -> bytes:
    """The network as an ONNX file: features to probabilities.

    `features` is [clips, n_features], `probabilities` [clips, classes];
    `logits` is the last linear layer; probabilities are its softmax after division by the
    temperature, as everywhere in the app.
    """
    arrays = {name: tensor.numpy() for name, tensor in weights.items()}
    arrays["temperature"] = np.array(temperature, np.float32)
    n_features = arrays["network.0.weight"].shape[1]
    n_classes = list(arrays.values())[-2].shape[0]
    outputs = [_matrix(name, n_classes) for name in ("logits", "probabilities")]
    graph = helper.make_graph(
        list(_nodes(arrays)),
        "urbansound",
        [_matrix("features", n_features)],
        outputs,
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, ir_version=_IR_VERSION, opset_imports=[opset])
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _matrix(name: str, width: int) -> Any:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["clips", width])


def _nodes(arrays: Mapping[str, Array]) -> Iterator[Any]:
    layers = [name.removesuffix(".weight") for name in arrays if name.endswith(".weight")]
    value = "features"
    for layer in layers:
        is_last = layer == layers[-1]
        linear = "logits" if is_last else f"{layer}.linear"
        inputs = [value, f"{layer}.weight", f"{layer}.bias"]
        yield helper.make_node("Gemm", inputs, [linear], transB=1)
        if not is_last:
            value = f"{layer}.relu"
            yield helper.make_node("Relu", [linear], [value])
    yield helper.make_node("Div", ["logits", "temperature"], ["tempered"])
    yield helper.make_node("Softmax", ["tempered"], ["probabilities"], axis=1)
