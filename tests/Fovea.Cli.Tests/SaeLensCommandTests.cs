using System.Text.Json.Nodes;
using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.IO;
using Fovea.Numerics;
using Fovea.Runs;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea sae export</c> and <c>import</c> over a run whose layer has a few vectors.</summary>
public sealed class SaeLensCommandTests : IDisposable
{
    private const int Channels = 6, Images = 4, Side = 2, Rows = Images * Side * Side;

    private readonly CommandLineFixture _cli = new();

    public SaeLensCommandTests()
    {
        Assert.Equal(0, _cli.Run("run", _cli.Write("small.toml", Samples.Small), "--out", Run));
        using var autoencoder = new TopKAutoencoder(Channels, 20, 3);
        autoencoder.Initialize(4);
        AutoencoderFile.Save(new RunFolder(Run).Dictionary("block4", "topk"), autoencoder);
        Harvest();
    }

    private string Run => _cli.Path_("run");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_dictionary_goes_out_and_comes_back_into_the_run()
    {
        Assert.Equal(0, _cli.Run("sae", "export", "--run", Run, "--name", "topk", "--out", _cli.Path_("out"), "--json"));
        Assert.Equal(("topk", "topk", 20), ((string)_cli.Json["architecture"]!, (string)_cli.Json["written"]!, (int)_cli.Json["dSae"]!));
        string cfg = File.ReadAllText(Path.Combine(_cli.Path_("out"), "cfg.json"));
        Assert.Contains("\"hook_name\": \"block4\"", cfg, StringComparison.Ordinal);
        Assert.Contains("\"model_name\": \"small_cnn\"", cfg, StringComparison.Ordinal);

        Assert.Equal(0, _cli.Run("sae", "import", _cli.Path_("out"), "--run", Run, "--layer", "block4", "--name", "theirs", "--json"));
        // The held-out image's vectors, measured by the dense form.
        using var scope = NewDisposeScope();
        using var back = AutoencoderFile.Load(new RunFolder(Run).Dictionary("block4", "theirs"));
        using var store = ActivationStore.Open(new RunFolder(Run).ActivationsOf("block4"));
        float[] held = [.. Enumerable.Range(Rows - Side * Side, Side * Side).SelectMany(row => store.Row(row).ToArray())];
        var x = tensor(held).view(-1, Channels);
        double l0 = back.EncodeDense(x).count_nonzero().item<long>() / (double)(Side * Side);
        double fvu = ((x - back.DecodeDense(back.EncodeDense(x))).square().sum() / (x - x.mean([0L])).square().sum()).item<float>();
        Assert.Equal(l0, (double)_cli.Json["l0"]!, 1e-9);
        Assert.Equal(fvu, (double)_cli.Json["fvu"]!, 1e-5 * fvu);
        var report = DocumentFile.Read<AutoencoderReport>(Path.Combine(new RunFolder(Run).Dictionary("block4", "theirs"), "metrics.json"));
        Assert.Equal(("theirs", 4L, 4L), (report.Name, report.Train.Vectors, report.Validation!.Vectors));
        // It is one of the layer's now, for the commands that take a dictionary's name.
        Assert.Equal(0, _cli.Run("sae", "export", "--run", Run, "--name", "theirs", "--out", _cli.Path_("again")));
        // What it was measured to be in the run is all that the second export says more.
        var second = JsonNode.Parse(File.ReadAllText(Path.Combine(_cli.Path_("again"), "cfg.json")))!;
        Assert.Equal(l0, (double)second["metadata"]!["l0"]!, 1e-9);
        Assert.True(second["metadata"]!.AsObject().Remove("l0") && second["metadata"]!.AsObject().Remove("num_dead_features"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(cfg), second));
        Assert.Equal(2, _cli.Run("sae", "import", _cli.Path_("out"), "--run", Run, "--layer", "block4", "--name", "theirs"));
        // It knows its layer, and is not taken for one of another.
        Assert.Equal(0, _cli.Run("sae", "import", _cli.Path_("out"), "--run", Run, "--name", "again"));
        Assert.Equal(2, _cli.Run("sae", "import", _cli.Path_("out"), "--run", Run, "--layer", "block3", "--name", "other"));
        // What the import measured and what an evaluation measures are one number.
        Assert.Equal(0, _cli.Run("sae", "eval", "--run", Run, "--name", "theirs", "--json"));
        var evaluated = _cli.Json["dictionaries"]![0]!;
        Assert.Equal(
            (report.Validation.Fvu, report.Validation.L0, report.Validation.Loss),
                ((double)evaluated["fvu"]!, (double)evaluated["l0"]!, (double)evaluated["loss"]!));
    }

    [Fact]
    public void An_imported_one_is_measured_on_a_sample_of_the_training_vectors_and_evaluated_like_the_others()
    {
        Import("theirs");
        string folder = new RunFolder(Run).Dictionary("block4", "theirs");
        var report = DocumentFile.Read<AutoencoderReport>(Path.Combine(folder, "metrics.json"));
        using (var theirs = AutoencoderFile.Load(folder))
        using (var store = ActivationStore.Open(new RunFolder(Run).ActivationsOf("block4")))
        {
            int training = Rows - Side * Side;
            long[] sample = TrainingSample.Of(RowSet.Range(0, training), Side * Side, 7).ToArray();
            Assert.Contains(sample, row => row >= Side * Side);
            Assert.Equal(Fvu(theirs, store, sample), report.Train.Fvu, 1e-5);
        }

        Assert.Equal(0, _cli.Run("sae", "eval", "--run", Run, "--name", "theirs", "--json"));
        Assert.Equal(
            ("theirs", "none"), ((string)_cli.Json["dictionaries"]![0]!["name"]!, (string)_cli.Json["dictionaries"]![0]!["filter"]!));
        Assert.Equal(report.Validation!.Fvu, (double)_cli.Json["dictionaries"]![0]!["fvu"]!, 1e-9);
        Assert.Null(_cli.Json["dictionaries"]![0]!["trainedWithCap"]);
        Assert.Equal(2, _cli.Run("sae", "eval", "--run", Run, "--name", "nobodys"));
        Assert.Contains("block4/theirs", _cli.Error, StringComparison.Ordinal);
        // One that was trained on shortened vectors is measured on them as they are, and says so.
        JsonFile.Write(
            Path.Combine(folder, "metrics.json"), report with { Outliers = report.Outliers! with { Capped = true, Factor = 10 } });
        Assert.Equal(0, _cli.Run("sae", "eval", "--run", Run, "--name", "theirs"));
        Assert.Contains("vectors as they are; trained with cap 10", _cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_waits_for_no_one_and_replaces_only_what_a_killed_one_left()
    {
        using (FolderLock.Take(Run)) Assert.Equal(5, Import("theirs", expected: null));
        string folder = new RunFolder(Run).Dictionary("block4", "theirs");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "metrics.json"), "{ half");
        Import("theirs");
        // The recipe's own, not trained yet.
        Assert.Equal(2, Import("l1", expected: null));
        Assert.False(Directory.Exists(new RunFolder(Run).Dictionary("block4", "l1")));
    }

    [Fact]
    public void A_sweep_asks_for_no_more_active_latents_than_there_are()
    {
        _cli.Workflow.OnRun = (_, _, _) =>
        {
            Directory.CreateDirectory(new RunFolder(Run).Sweep("block4", "sweep"));
            File.WriteAllText(Path.Combine(new RunFolder(Run).Sweep("block4", "sweep"), "sweep.json"), """
                { "schema": 1, "name": "sweep", "layer": "block4", "description": "", "folds": 1, "validate": ["none"], "points": [], "stability": [],
                "failed": [{ "id": "wild", "baseline": false, "reason": "too fast" }] }
                """);
        };
        Assert.Equal([8, 16, 32], Sparsities("topk", "10")); // n = 60
        Assert.Equal([6], Sparsities("batchtopk", "1"));
        Assert.Equal([0.5, 1, 2, 4, 8], Sparsities("l1", "1"));
        Assert.Contains("block4/sweep went on without wild: too fast", _cli.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_dict_of_another_library_goes_into_the_run_and_says_what_was_decided()
    {
        using (var scope = NewDisposeScope())
        {
            PyTorchFile.Write(_cli.Path_("theirs.pt"), new Dictionary<string, Tensor>
            {
                ["dictionary._weights"] = randn(20, Channels, generator: new Generator(3)),
                ["dictionary.multiplier"] = zeros([]),
                ["encoder.final_block.0.weight"] = randn(20, Channels, generator: new Generator(4)),
                ["encoder.final_block.0.bias"] = zeros(20),
            });
        }
        Assert.Equal(2, _cli.Run("sae", "import", _cli.Path_("theirs.pt"), "--run", Run, "--layer", "block4"));
        Assert.Contains("--k K for a TopK", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(0, _cli.Run("sae", "import", _cli.Path_("theirs.pt"), "--k", "3", "--run", Run, "--layer", "block4", "--json"));
        Assert.Equal(("overcomplete", "topk", 20), ((string)_cli.Json["library"]!, (string)_cli.Json["architecture"]!,
            (int)_cli.Json["dSae"]!));
        using (var back = AutoencoderFile.Load(new RunFolder(Run).Dictionary("block4", "theirs")))
            Assert.Equal(3, Assert.IsType<TopKAutoencoder>(back).K);
        Assert.Equal(0, _cli.Run("sae", "import", _cli.Path_("theirs.pt"), "--architecture", "matchingpursuit", "--k", "2", "--out",
            _cli.Path_("pursuit")));
        Assert.Contains("a vector's steps end there", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_need_no_run()
    {
        string trained = new RunFolder(Run).Dictionary("block4", "topk");
        Assert.Equal(0, _cli.Run("sae", "export", "--from", trained, "--out", _cli.Path_("out")));
        Assert.Equal(0, _cli.Run("sae", "import", _cli.Path_("out"), "--out", _cli.Path_("back")));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(trained, "sae_weights.safetensors")),
                File.ReadAllBytes(Path.Combine(_cli.Path_("back"), "sae_weights.safetensors")));
    }

    [Theory]
    [InlineData(2, "sae", "export", "--out", "OUT")]
    [InlineData(2, "sae", "export", "--run", "RUN", "--name", "unheard-of", "--out", "OUT")]
    [InlineData(3, "sae", "export", "--from", "absent", "--out", "OUT")]
    [InlineData(2, "sae", "import", "absent")]
    [InlineData(3, "sae", "import", "absent", "--out", "OUT")]
    [InlineData(2, "sae", "import", "DICTIONARY", "--run", "RUN")]
    [InlineData(2, "sae", "import", "DICTIONARY", "--run", "RUN", "--layer", "block4", "--name", "../x")]
    [InlineData(3, "sae", "import", "DICTIONARY", "--run", "RUN", "--layer", "block9", "--name", "x")]
    [InlineData(3, "sae", "import", "DICTIONARY", "--out", "OUT", "--input-scale", "2")]
    public void Wrong_calls_end_with_their_code(int code, params string[] command)
    {
        string dictionary = _cli.Path_("plain");
        using (var autoencoder = new TopKAutoencoder(Channels, 20, 3)) SaeLensFile.Export(dictionary, autoencoder);
        string[] arguments =
            [.. command.Select(
                word => word switch { "RUN" => Run, "DICTIONARY" => dictionary, "OUT" or "absent" => _cli.Path_(word), _ => word })];
        Assert.Equal(code, _cli.Run(arguments));
        Assert.False(Directory.Exists(_cli.Path_("OUT")));
    }

    [Fact]
    public void A_dictionary_for_other_vectors_is_refused()
    {
        using (var autoencoder = new TopKAutoencoder(Channels + 1, 20, 3)) SaeLensFile.Export(_cli.Path_("plain"), autoencoder);
        Assert.Equal(3, _cli.Run("sae", "import", _cli.Path_("plain"), "--run", Run, "--layer", "block4"));
        Assert.Contains("6 channels", _cli.Error, StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(_cli.Path_("plain"), "sae_weights.safetensors"), [1, 2, 3]);
        Assert.Equal(3, _cli.Run("sae", "import", _cli.Path_("plain"), "--out", _cli.Path_("OUT")));
    }

    private int Import(string name, int? expected = 0)
    {
        using (var autoencoder = new TopKAutoencoder(Channels, 20, 3))
        {
            autoencoder.Initialize(4);
            SaeLensFile.Export(_cli.Path_("foreign"), autoencoder);
        }
        int code = _cli.Run("sae", "import", _cli.Path_("foreign"), "--run", Run, "--layer", "block4", "--name", name);
        if (expected is not null) Assert.Equal(expected, code);
        return code;
    }

    private IReadOnlyList<double> Sparsities(string architecture, string expansion)
    {
        Assert.Equal(0, _cli.Run("sae", "sweep", "--run", Run, "--arch", architecture, "--expansion", expansion));
        return _cli.Workflow.Requests[^1].Settings.Sweep[0].Dictionary[0].Sparsities;
    }

    private static double Fvu(SparseAutoencoder autoencoder, ActivationStore store, long[] rows)
    {
        using var scope = NewDisposeScope();
        var x = tensor(rows.SelectMany(row => store.Row(row).ToArray()).ToArray()).view(-1, Channels);
        return ((x - autoencoder.DecodeDense(autoencoder.EncodeDense(x))).square().sum() / (x - x.mean([0L])).square().sum()).item<float>();
    }

    /// <summary>A finished harvest of four images, the last one held out.</summary>
    private void Harvest()
    {
        string folder = new RunFolder(Run).ActivationsOf("block4");
        var random = new CounterRandom(2, "test", 0);
        float[] vectors = [.. Enumerable.Range(0, Rows * Channels).Select(_ => (float)random.NextGaussian())];
        int[] image = [.. Enumerable.Range(0, Rows).Select(row => row / (Side * Side))];
        Safetensors.Write(Path.Combine(folder, "vectors-00000.safetensors"),
        [
            SafetensorsEntry.Of("vectors", vectors, Rows, Channels),
            SafetensorsEntry.Of("image", image),
            SafetensorsEntry.Of("label", image),
        ], TensorSchema.Of(1));
        Safetensors.Write(
            Path.Combine(folder, "draws", "none", "draws-00000.safetensors"),
                [SafetensorsEntry.Of("row", Enumerable.Range(0, Rows).Select(row => (long)row).ToArray())], TensorSchema.Of(1));
        JsonFile.Write(Path.Combine(folder, ActivationManifest.FileName), new ActivationManifest
        {
            Layer = "block4",
            Channels = Channels,
            Grid = [Side, Side],
            Images = Images,
            Vectors = Rows,
            Damaged = 0,
            Source = "",
            Shards = [new ActivationShard("vectors-00000.safetensors", 0, Rows)],
            Filters = ["none"],
            Split = new ActivationSplit(0, 0.25, [3]),
        });
    }
}
