#!/usr/bin/env python3
"""Dictionaries that the libraries themselves trained and saved, with the codes that their own objects give.

    python3 dictionary_libraries.py SOURCES OUT [--exports FOLDER]

SOURCES holds checkouts: overcomplete/, dictionary_learning/, saev/ and SAELens/ (those that are absent are left out). Of what they import,
PyTorch, numpy, safetensors, einops, beartype, orjson and tqdm have to be there; what is absent beside (language models, experiment
trackers, plotting) is stood in for here: none of it takes part in a dictionary's codes.

OUT gets one folder a case, cases.json, and for each case NAME.safetensors with "x" [rows, d], "codes" [rows, n] and "output" [rows, d]
(FOVEA_DICTIONARY_LIBRARIES=OUT for the tests). A case with "refused" is one whose codes Fovea has no variant for.
With --exports, folders in FOLDER that `fovea sae export` wrote (or a test, FOVEA_SAELENS_EXPORTS=FOLDER) are loaded by SAELens' own
loader, and FOLDER/NAME.safetensors gets the same three of each.
"""
import importlib.abc
import importlib.machinery
import json
import pathlib
import sys
import tomllib
import types
import typing

import torch
from safetensors.torch import save_file

D, N, K, ROWS, STEPS, BATCH = 24, 60, 8, 200, 60, 64
CASES = []


class _Anything(type):
    """A class that gives itself for whatever is asked of it: a base, a type in an annotation, a decorator."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, key):
        return cls

    def __call__(cls, *args, **kwargs):
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else cls


class Anything(metaclass=_Anything):
    pass


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules for what the libraries import and is not installed. Last in line: whatever is there is used."""

    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        own = ("overcomplete", "dictionary_learning", "saev", "sae_lens")
        if frame.f_globals.get("__name__", "").partition(".")[0] not in own or name.partition(".")[0] in own:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__getattr__ = lambda name: Anything if not name.startswith("__") else (_ for _ in ()).throw(AttributeError(name))
        return module

    def exec_module(self, module):
        if module.__name__ == "jaxtyping":
            annotation = type("Annotation", (), {"__class_getitem__": classmethod(lambda cls, key: typing.Any)})
            module.Float = module.Int = module.Int64 = module.Bool = annotation
            module.jaxtyped = lambda *args, **kwargs: lambda decorated: decorated
        if module.__name__ == "tyro.conf":
            module.Suppress = type("Suppress", (), {"__class_getitem__": classmethod(lambda cls, key: key)})
        if module.__name__ == "transformer_lens.hook_points":
            # The one foreign base that dictionaries are made of: a module whose hook points pass values on.
            module.HookPoint = type("HookPoint", (torch.nn.Identity,), {})
            module.HookedRootModule = type("HookedRootModule", (torch.nn.Module,), {"setup": _setup})


def _setup(root):
    root.mod_dict = dict(root.named_modules())
    root.hook_dict = {name: module for name, module in root.mod_dict.items() if type(module).__name__ == "HookPoint"}


def vectors(rows, seed):
    """Sparse mixtures of planted directions off the origin, so that biases, thresholds and scales all count."""
    fixed = torch.Generator().manual_seed(7)
    directions, centre = torch.randn(N, D, generator=fixed), torch.randn(D, generator=fixed)
    generator = torch.Generator().manual_seed(seed)
    codes = torch.rand(rows, N, generator=generator) * (torch.rand(rows, N, generator=generator) < 0.1)
    return codes @ directions + centre + 0.1 * torch.randn(rows, D, generator=generator)


def batches(count=10**9):
    yield from (vectors(BATCH, 1000 + step) for step in range(count))


def add(out, library, version, name, path, codes=None, output=None, x=None, refused=None, **options):
    """One case: what is at path and what its library makes of x, or words of the refusal that is right."""
    if refused is None:
        x = vectors(ROWS, 1) if x is None else x
        save_file({key: value.detach().float().contiguous() for key, value in {"x": x, "codes": codes, "output": output}.items()},
                  out / f"{name}.safetensors")
    CASES.append({"name": name, "library": library, "version": version, "path": str(path.relative_to(out)), "refused": refused,
                  "options": {key: value for key, value in options.items() if value is not None}})


def of_overcomplete(out):
    # It draws colour maps while it is imported.
    sys.modules["overcomplete.visualization"] = StandIns().create_module(importlib.machinery.ModuleSpec("overcomplete.visualization", None))
    import overcomplete
    from overcomplete import sae as ways
    from overcomplete.sae.train import train_sae

    def trained(model, steps=STEPS):
        def loss(x, x_hat, pre_codes, codes, dictionary):
            return (x - x_hat).square().mean() + 1e-3 * codes.abs().mean()
        data = torch.utils.data.DataLoader(vectors(BATCH * steps, 2), batch_size=BATCH)
        train_sae(model, data, loss, torch.optim.Adam(model.parameters(), lr=3e-3), nb_epochs=1, monitoring=0)
        return model

    def case(name, make, refused=None, whole=False, **options):
        torch.manual_seed(3)
        path = out / f"overcomplete-{name}" / "sae.pt"
        path.parent.mkdir(parents=True, exist_ok=True)
        model = trained(make())
        # As it stands after the last step: what brings a dictionary to its form is done when it is loaded and put into eval().
        torch.save(model if whole else model.state_dict(), path)
        if isinstance(model, ways.BatchTopKSAE):
            options["threshold"] = float(model.running_threshold)
        with torch.no_grad():
            model.eval()
            x = vectors(ROWS, 1)
            made = None if refused else model(x)
        add(out, "overcomplete", overcomplete.__version__, f"overcomplete-{name}", path,
            *(made[1:] if made else ()), x=x, refused=refused, **options)

    points = vectors(90, 5)
    case("TopKSAE", lambda: ways.TopKSAE(D, N, top_k=K), k=K)
    case("TopKSAE-bn", lambda: ways.TopKSAE(D, N, top_k=K, encoder_module="mlp_bn_1"), k=K)
    case("TopKSAE-tied", lambda: ways.TopKSAE(D, N, top_k=K, dictionary_params={"use_multiplier": True}).tied(bias=True), k=K)
    case("TopKSAE-untied", lambda: ways.TopKSAE(D, N, top_k=K).untied(bias=True), k=K)
    for kind in ["max_l2", "l1", "max_l1", "identity"]:
        case(f"TopKSAE-{kind}", lambda: ways.TopKSAE(D, N, top_k=K, dictionary_params={"normalization": kind}), k=K, normalization=kind)
    case("SAE", lambda: ways.SAE(D, N), architecture="l1")
    case("BatchTopKSAE", lambda: ways.BatchTopKSAE(D, N, top_k=K * BATCH))
    case("JumpSAE", lambda: ways.JumpSAE(D, N, bandwidth=0.1))
    case("MpSAE", lambda: ways.MpSAE(D, N, k=K), architecture="matchingpursuit", k=K)
    case("RATopKSAE", lambda: ways.RATopKSAE(D, N, points, top_k=K), k=K)
    case("RATopKSAE-delta", lambda: ways.RATopKSAE(D, N, points, top_k=K, delta=0.05), k=K, delta=0.05)
    case("RAJumpSAE", lambda: ways.RAJumpSAE(D, N, points, bandwidth=0.1))
    case("TopKSAE-ln", lambda: ways.TopKSAE(D, N, top_k=K, encoder_module="mlp_ln_1"), refused="LayerNorm", k=K)
    case("TopKSAE-hidden", lambda: ways.TopKSAE(D, N, top_k=K, encoder_module="mlp_bn_3"), refused="hidden layers", k=K)
    case("QSAE", lambda: ways.QSAE(D, N), refused="QSAE", architecture="l1")
    case("OMPSAE", lambda: ways.OMPSAE(D, N, k=K), refused="OMPSAE", k=K)
    case("module", lambda: ways.TopKSAE(D, N, top_k=K), refused="TopKSAE", whole=True, k=K)


def of_dictionary_learning(out):
    import dictionary_learning
    from dictionary_learning import dictionary as classes
    from dictionary_learning.trainers import batch_top_k, gated_anneal, gdm, jumprelu, matryoshka_batch_top_k, p_anneal, standard, top_k
    from dictionary_learning.training import trainSAE
    from dictionary_learning.utils import load_dictionary

    version = dictionary_learning.__version__
    sizes = {"steps": STEPS, "activation_dim": D, "dict_size": N, "layer": 0, "lm_name": "none", "device": "cpu", "warmup_steps": 5,
             "seed": 0}
    slow = {"sparsity_warmup_steps": 5}
    choose = {"k": K, "threshold_start_step": 10}
    anneal = {"anneal_start": 20, "n_sparsity_updates": 4, "p_end": 0.2} | slow
    trainers = {
        "Standard": {"trainer": standard.StandardTrainer} | slow,
        "StandardAprilUpdate": {"trainer": standard.StandardTrainerAprilUpdate} | slow,
        "PAnneal": {"trainer": p_anneal.PAnnealTrainer} | anneal,
        "Gated": {"trainer": gdm.GatedSAETrainer} | slow,
        "GatedAnneal": {"trainer": gated_anneal.GatedAnnealTrainer} | anneal,
        "TopK": {"trainer": top_k.TopKTrainer} | choose,
        "BatchTopK": {"trainer": batch_top_k.BatchTopKTrainer} | choose,
        "MatryoshkaBatchTopK": {"trainer": matryoshka_batch_top_k.MatryoshkaBatchTopKTrainer, "group_fractions": [0.25, 0.75]} | choose,
        "JumpRelu": {"trainer": jumprelu.JumpReluTrainer, "lr": 1e-3, "bandwidth": 0.05} | slow,
    }
    x = vectors(ROWS, 1)
    for scaled in [False, True]:
        for name, settings in trainers.items():
            folder = out / f"dictionary_learning-{name}{'-normalized' if scaled else ''}"
            trainSAE(batches(STEPS + 200), [sizes | settings], steps=STEPS, save_dir=str(folder), normalize_activations=scaled, device="cpu",
                     save_steps=[STEPS // 2])
            with torch.no_grad():
                made, _ = load_dictionary(str(folder / "trainer_0"), "cpu")
                codes = made.encode(x)
                add(out, "dictionary_learning", version, folder.name, folder / "trainer_0", codes, made.decode(codes), x)
            if not scaled and name == "Gated":
                point = folder / "trainer_0" / "checkpoints" / f"ae_{STEPS // 2}.pt"
                with torch.no_grad():
                    made = classes.GatedAutoEncoder.from_pretrained(str(point))
                    codes = made.encode(x)
                    add(out, "dictionary_learning", version, "dictionary_learning-checkpoint", point, codes, made.decode(codes), x)
    folder = out / "dictionary_learning-AutoEncoderNew"
    folder.mkdir(exist_ok=True)
    torch.manual_seed(4)
    made = classes.AutoEncoderNew(D, N)
    with torch.no_grad():
        made.encoder.bias.normal_(), made.decoder.bias.normal_()
        torch.save(made.state_dict(), folder / "ae.pt")
        made = classes.AutoEncoderNew.from_pretrained(str(folder / "ae.pt"))
        codes = made.encode(x)
        add(out, "dictionary_learning", version, folder.name, folder, codes, made.decode(codes), x)


def of_saev(out):
    import saev
    from saev import nn as saevs
    from saev.nn import modeling

    x = vectors(ROWS, 1)
    # It looks for its own version one folder too low.
    version = tomllib.loads((pathlib.Path(saev.__file__).parents[2] / "pyproject.toml").read_text())["project"]["version"]
    for activation in [modeling.Relu(), modeling.TopK(top_k=K), modeling.BatchTopK(top_k=K)]:
        for normalized in [True, False]:
            name = f"saev-{type(activation).__name__}{'' if normalized else '-free'}"
            torch.manual_seed(6)
            made = saevs.SparseAutoencoder(saevs.SparseAutoencoderConfig(
                d_model=D, d_sae=N, activation=activation, normalize_w_dec=normalized))
            optimizer = torch.optim.Adam(made.parameters(), lr=3e-3)
            for batch in batches(STEPS):
                made.normalize_w_dec()
                out_of = made(batch)
                loss = (out_of.x_hats[:, -1] - batch).square().mean() + activation.sparsity.loss(out_of.f_x)
                optimizer.zero_grad()
                loss.backward()
                made.remove_parallel_grads()
                optimizer.step()
            made.normalize_w_dec()
            path = out / name / "sae.pt"
            saevs.dump(path, made)
            with torch.no_grad():
                made = saevs.load(path).eval()
                result = made(x)
                add(out, "saev", version, name, path, result.f_x, result.x_hats[:, -1], x)


def of_saelens(out, exports):
    import sae_lens
    from sae_lens.config import LoggingConfig, SAETrainerConfig
    from sae_lens.saes.transcoder import JumpReLUTranscoder, JumpReLUTranscoderConfig, SkipTranscoder, SkipTranscoderConfig
    from sae_lens.saes.transcoder import Transcoder, TranscoderConfig
    from sae_lens.training.sae_trainer import SAETrainer

    version = sae_lens.__version__
    x = vectors(ROWS, 1)
    base = {"d_in": D, "d_sae": N}
    kinds = {
        "standard": (sae_lens.StandardTrainingSAE, sae_lens.StandardTrainingSAEConfig, {"l1_coefficient": 0.05}),
        "gated": (sae_lens.GatedTrainingSAE, sae_lens.GatedTrainingSAEConfig, {"l1_coefficient": 0.05}),
        "jumprelu": (sae_lens.JumpReLUTrainingSAE, sae_lens.JumpReLUTrainingSAEConfig, {"l0_coefficient": 0.05}),
        "topk": (sae_lens.TopKTrainingSAE, sae_lens.TopKTrainingSAEConfig, {"k": K}),
        "topk-plain": (sae_lens.TopKTrainingSAE, sae_lens.TopKTrainingSAEConfig, {"k": K, "rescale_acts_by_decoder_norm": False}),
        "batchtopk": (sae_lens.BatchTopKTrainingSAE, sae_lens.BatchTopKTrainingSAEConfig, {"k": K}),
        "batchtopk-plain": (sae_lens.BatchTopKTrainingSAE, sae_lens.BatchTopKTrainingSAEConfig,
                            {"k": K, "rescale_acts_by_decoder_norm": False}),
        "matryoshka_batchtopk": (sae_lens.MatryoshkaBatchTopKTrainingSAE, sae_lens.MatryoshkaBatchTopKTrainingSAEConfig,
                                 {"k": K, "matryoshka_widths": [N // 4, N]}),
    }

    def trained(kind, training, config, settings, checkpoints=None):
        torch.manual_seed(8)
        made = training(config(**base, **settings))
        total = STEPS * BATCH
        if kind.partition("-")[0].endswith("topk") and settings.get("normalize_activations") == "constant_norm_rescale":
            # Its trainer cannot: the loss of dead latents decodes a second time, and the first one has forgotten the vectors' lengths.
            with torch.no_grad():
                for parameter in made.parameters():
                    parameter.add_(0.1 * torch.randn_like(parameter))
                if hasattr(made, "topk_threshold"):
                    made.topk_threshold += 0.3
            return made
        return SAETrainer(SAETrainerConfig(
            n_checkpoints=1 if checkpoints else 0, checkpoint_path=checkpoints and str(checkpoints), save_final_checkpoint=False,
            total_training_samples=total, device="cpu", autocast=False, lr=3e-3, lr_end=3e-4, lr_scheduler_name="constant",
            lr_warm_up_steps=5, adam_beta1=0.9, adam_beta2=0.999, lr_decay_steps=0, n_restart_cycles=1, train_batch_size_samples=BATCH,
            dead_feature_window=20, feature_sampling_window=200, logger=LoggingConfig(log_to_wandb=False)),
            made, iter(batches())).fit()

    def loaded(folder, name, scale=1.0, shown=None, shrunk=False):
        """The codes of what its loader makes of a folder for inference; shown: the folder that Fovea reads in its place."""
        with torch.no_grad():
            made = sae_lens.SAE.load_from_disk(folder)
            codes = made.encode(x * scale)
            output = made.decode(codes) / scale
            add(out, "SAELens", version, name, shown or folder, codes / (scale if shrunk else 1), output, x)

    ways = {"": {}, "-layer_norm": {"normalize_activations": "layer_norm"}, "-constant": {"normalize_activations": "constant_norm_rescale"},
            "-uncentred": {"apply_b_dec_to_input": False}, "-expected": {"normalize_activations": "expected_average_only_in"}}
    for kind, (training, config, settings) in kinds.items():
        for way, more in ways.items():
            name = f"saelens-{kind}{way}"
            checkpoints = out / f"{name}-checkpoints" if way in ("", "-expected") else None
            made = trained(kind, training, config, settings | more, checkpoints)
            made.save_inference_model(out / name)
            loaded(out / name, name)
            if checkpoints is None:
                continue
            # What a training leaves on its way: its own form, and activations that are still to be multiplied.
            point = next(folder for folder in checkpoints.iterdir() if folder.is_dir())
            scale = json.loads((point / "activation_scaler.json").read_text())["scaling_factor"]
            sae_lens.TrainingSAE.load_from_disk(point).save_inference_model(out / f"{name}-inference")
            rescaled = getattr(made.cfg, "rescale_acts_by_decoder_norm", False)
            loaded(out / f"{name}-inference", f"{name}-checkpoint", scale or 1.0, point, shrunk=rescaled)
    for training, config in [(Transcoder, TranscoderConfig), (SkipTranscoder, SkipTranscoderConfig),
                             (JumpReLUTranscoder, JumpReLUTranscoderConfig)]:
        made = training(config(**base, d_out=D + 2, apply_b_dec_to_input=False))
        name = f"saelens-{config.architecture()}"
        made.save_model(out / name)
        add(out, "SAELens", version, name, out / name, refused="Train a SAE of the layer instead")
    if exports:
        for folder in sorted(one.parent for one in exports.glob("*/cfg.json")):
            architecture = json.loads((folder / "cfg.json").read_text())["architecture"]
            if architecture not in sae_lens.registry.SAE_CLASS_REGISTRY:
                print(f"{folder.name}: SAELens {version} has no {architecture}")
                continue
            with torch.no_grad():
                made = sae_lens.SAE.load_from_disk(folder)
                x = vectors(ROWS, 1)[:, : made.cfg.d_in].contiguous()
                codes = made.encode(x)
                save_file({"x": x, "codes": codes.contiguous(), "output": made.decode(codes).contiguous()},
                          exports / f"{folder.name}.safetensors")


def main():
    sources, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    exports = pathlib.Path(sys.argv[sys.argv.index("--exports") + 1]) if "--exports" in sys.argv else None
    out.mkdir(parents=True, exist_ok=True)
    sys.meta_path.append(StandIns())
    torch.set_num_threads(2)
    makers = {"overcomplete": ("overcomplete", of_overcomplete), "dictionary_learning": ("dictionary_learning", of_dictionary_learning),
              "saev": ("saev/src", of_saev), "SAELens": ("SAELens", lambda folder: of_saelens(folder, exports))}
    for name, (folder, make) in makers.items():
        if (sources / folder).is_dir():
            sys.path.insert(0, str(sources / folder))
            make(out)
            print(name, sum(case["name"].lower().startswith(name.lower()) for case in CASES), "cases", flush=True)
    (out / "cases.json").write_text(json.dumps(CASES, indent=1) + "\n")


main()
