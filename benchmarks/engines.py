"""Other ways to run the same network over the same comments, each as a function from pairs to stances.

A peer whose packages are not installed, or that cannot be built, drops out with the reason. All get the pairs that our
own core reads, ``(comment, context)``; those that answer another question (zero-shot) run a network of the same size
with a head of their own kind, and are timed only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, pipeline

from stance.card import OUTPUTS
from stance.encoding import Example, write_example
from stance.inference import score_examples
from stance.model import OpenModel
from stance.scores import N_STANCES

Pair: TypeAlias = tuple[str, str]
_BATCHES = (1, 8, 32, 128)
_LABELS = ("the council is right", "the union is right", "neither is right")


@dataclass(frozen=True)
class Engine:
    """One way to run it.

    :param run: From examples to the stance of each, or to None where its head answers another question.
    :param calls: Inputs that the network reads for one comment.
    """

    name: str
    run: Callable[[Sequence[Example]], list[int] | None]
    calls: int = 1


@dataclass(frozen=True)
class Missing:
    """A peer that could not be built, and why."""

    name: str
    reason: str


def engines(model: OpenModel, stock: Path, quick: bool) -> tuple[list[Engine], list[Missing]]:
    """Our core, and what it is compared with.

    :param stock: The model's folder in the form that stock transformers open.
    :param quick: Only the likeliest peers.
    """
    ours = Engine("stance", lambda examples: _stances(score_examples(examples, model).logits))
    padded = replace(model, encoders=())
    found = [ours, Engine("plain torch, sorted and padded", lambda e: _stances(score_examples(e, padded).logits))]
    missing = []
    makers: list[tuple[str, Callable[[OpenModel, Path], list[Engine]]]] = [
        ("transformers text-classification pipeline", _pipelines),
        ("transformers zero-shot pipeline", _zero_shot),
        ("sentence-transformers CrossEncoder", _cross_encoder),
        ("ONNX Runtime, int8", _onnx_int8),
        ("OpenVINO", _openvino),
        ("GLiClass", _gliclass),
    ]
    if model.device.type != "cpu":  # the others run on a processor only
        makers = [(makers[0][0], partial(_pipelines, batches=_BATCHES[2:])), *makers[1:3]]
    if quick:
        makers = [(makers[0][0], partial(_pipelines, batches=_BATCHES[:2]))]
    for name, make in makers:
        try:
            found += make(model, stock)
        except Exception as error:  # a peer may fail in any way; it drops its row, and the table says why
            # Peers are other people's code in any version: not installed, moved, at odds with this transformers, or
            # failing in an exporter of their own. No list of exceptions covers that; each is named in the result.
            missing.append(Missing(name, f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:160]}"))
    return found, missing


def _stances(logits: Any) -> list[int]:
    answers: list[int] = np.asarray(logits)[:, :N_STANCES].argmax(axis=1).tolist()
    return answers


def _pairs(examples: Sequence[Example], model: OpenModel) -> list[Pair]:
    return [(w.comment, w.context) for w in (write_example(example, model.card.form) for example in examples)]


def _pipelines(model: OpenModel, stock: Path, batches: Sequence[int] = _BATCHES) -> list[Engine]:
    return [
        Engine(
            f"transformers text-classification pipeline, batch {batch}{', ' * bool(named)}{named}",
            partial(_run_pipeline, _pipeline(model, stock, dtype), model, batch),
        )
        for dtype, named in _precisions(model)
        for batch in batches
    ]


def _pipeline(model: OpenModel, stock: Path, dtype: torch.dtype) -> Any:
    place = str(model.device)
    return pipeline(
        "text-classification", model=str(stock), tokenizer=str(stock), device=place, top_k=None, dtype=dtype
    )


def _run_pipeline(classify: Any, model: OpenModel, batch: int, examples: Sequence[Example]) -> list[int]:
    asked = [{"text": text, "text_pair": context} for text, context in _pairs(examples, model)]
    limit = model.card.form.max_tokens
    answers = classify(asked, batch_size=batch, truncation=True, max_length=limit, function_to_apply="none")
    by_name = [{one["label"]: one["score"] for one in answer} for answer in answers]
    return _stances([[scores[name] for name in OUTPUTS] for scores in by_name])


def _precisions(model: OpenModel) -> list[tuple[torch.dtype, str]]:
    """What peers compute in: float32, as they do by themselves, and on a GPU our own precision beside it."""
    narrow = model.device.type != "cpu" and model.precision != torch.float32
    return [(torch.float32, ""), *([(model.precision, str(model.precision).partition(".")[2])] if narrow else [])]


def _zero_shot(model: OpenModel, stock: Path) -> list[Engine]:
    names = {0: "entailment", 1: "neutral", 2: "contradiction"}
    config = AutoConfig.from_pretrained(stock, id2label=names, label2id={name: i for i, name in names.items()})
    network = AutoModelForSequenceClassification.from_pretrained(
        stock, config=config, ignore_mismatched_sizes=True, dtype=torch.float32
    )
    ask: Any = pipeline(
        "zero-shot-classification",
        model=network,
        tokenizer=AutoTokenizer.from_pretrained(stock),
        device=str(model.device),
    )

    def run(batch: int, examples: Sequence[Example]) -> None:
        ask([example.text for example in examples], list(_LABELS), batch_size=batch, truncation=True)

    return [
        Engine(f"transformers zero-shot pipeline, batch {batch}", partial(run, batch), len(_LABELS))
        for batch in (8, 32)
    ]


def _cross_encoder(model: OpenModel, stock: Path) -> list[Engine]:
    from sentence_transformers import CrossEncoder

    found = []
    types = [torch.float32] if model.precision == torch.float32 else [torch.float32, torch.bfloat16]
    for dtype in types:
        encoder: Any = CrossEncoder(
            str(stock),
            device=str(model.device),
            max_length=model.card.form.max_tokens,
            model_kwargs={"dtype": dtype},
            local_files_only=True,
        )

        def run(examples: Sequence[Example], encoder: Any = encoder) -> list[int]:
            return _stances(encoder.predict(_pairs(examples, model), batch_size=32, activation_fn=torch.nn.Identity()))

        found.append(Engine(f"sentence-transformers CrossEncoder, torch {str(dtype).partition('.')[2]}", run))
    return found


def _onnx_int8(model: OpenModel, stock: Path) -> list[Engine]:
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    wide, narrow = stock / "network.onnx", stock / "network.int8.onnx"
    _export(model, stock, wide)
    quantize_dynamic(wide, narrow, weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(narrow), options, providers=["CPUExecutionProvider"])
    return [Engine("ONNX Runtime, int8", _batched(model, stock, lambda inputs: session.run(None, inputs)[0]))]


def _openvino(model: OpenModel, stock: Path) -> list[Engine]:
    import openvino

    wide = stock / "network.onnx"
    if not wide.exists():
        _export(model, stock, wide)
    settings = {"INFERENCE_NUM_THREADS": torch.get_num_threads(), "PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": 1}
    compiled: Any = openvino.Core().compile_model(str(wide), "CPU", settings)
    name = "OpenVINO, float32" if model.precision == torch.float32 else "OpenVINO, its own precision"
    return [Engine(name, _batched(model, stock, lambda inputs: compiled(inputs)[0]))]


def _export(model: OpenModel, stock: Path, to: Path) -> None:
    network = AutoModelForSequenceClassification.from_pretrained(stock, attn_implementation="eager").eval()
    names = [*(["input_ids", "attention_mask"]), *(["token_type_ids"] if model.uses_type_ids else [])]
    sample = {name: torch.ones(2, 9, dtype=torch.int64) for name in names}
    sizes = {0: torch.export.Dim("comments", min=1, max=512), 1: torch.export.Dim("tokens", min=2, max=512)}
    torch.onnx.export(
        network,
        kwargs=sample,
        f=str(to),
        input_names=names,
        output_names=["logits"],
        dynamic_shapes=dict.fromkeys(names, sizes),
        dynamo=True,
        external_data=False,
    )


def _batched(
    model: OpenModel, stock: Path, forward: Callable[[dict[str, Any]], Any]
) -> Callable[[Sequence[Example]], list[int]]:
    """Sorted batches of 32, padded, by the stock tokenizer."""
    tokenizer = AutoTokenizer.from_pretrained(stock)

    def run(examples: Sequence[Example]) -> list[int]:
        pairs = _pairs(examples, model)
        order = sorted(range(len(pairs)), key=lambda i: -len(pairs[i][0]))
        logits = np.zeros((len(pairs), len(OUTPUTS)), dtype=np.float32)
        for start in range(0, len(order), 32):
            rows = order[start : start + 32]
            texts, contexts = [pairs[i][0] for i in rows], [pairs[i][1] for i in rows]
            limit = model.card.form.max_tokens
            inputs = tokenizer(texts, contexts, padding=True, truncation=True, max_length=limit, return_tensors="np")
            logits[rows] = forward({name: array.astype(np.int64) for name, array in inputs.items()})
        return _stances(logits)

    return run


def _gliclass(model: OpenModel, stock: Path) -> list[Engine]:
    from gliclass import GLiClassModel, GLiClassModelConfig, ZeroShotClassificationPipeline

    tokenizer = AutoTokenizer.from_pretrained(stock)
    tokenizer.add_tokens(["<<LABEL>>", "<<SEP>>"], special_tokens=True)
    encoder = AutoConfig.from_pretrained(stock)
    encoder.vocab_size = len(tokenizer)
    config = GLiClassModelConfig(
        encoder_config=encoder,
        encoder_model=str(stock),
        class_token_index=tokenizer.convert_tokens_to_ids("<<LABEL>>"),
        text_token_index=tokenizer.convert_tokens_to_ids("<<SEP>>"),
        vocab_size=len(tokenizer),
    )
    network = GLiClassModel(config).eval()
    ask: Any = ZeroShotClassificationPipeline(
        network,
        tokenizer,
        max_length=encoder.max_position_embeddings,
        classification_type="single-label",
        device=str(model.device),
        progress_bar=False,
    )

    def run(examples: Sequence[Example]) -> None:
        ask([example.text for example in examples], list(_LABELS), batch_size=32)

    return [Engine("GLiClass of the same size, batch 32", run)]
