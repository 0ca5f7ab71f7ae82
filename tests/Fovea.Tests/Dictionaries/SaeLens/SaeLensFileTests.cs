using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Tests.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Out to SAELens and back, and what an independent reader of the folder computes.</summary>
public sealed class SaeLensFileTests : IDisposable
{
    private const int Inputs = 12, Latents = 40, Rows = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-saelens").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Configuration => Path.Combine(_folder, AutoencoderFile.ConfigurationName);

    /// <summary>With a scale folded and BatchTopK's θ somewhere in the middle of the codes.</summary>
    private static SparseAutoencoder Sample(string variant, ScalarType dtype = ScalarType.Float32)
    {
        var autoencoder = Samples.Create(variant, Inputs, Latents, dtype);
        using (no_grad())
        {
            if (autoencoder is BatchTopKAutoencoder) autoencoder.Parameters[SparseAutoencoder.ThresholdName].fill_(0.9);
        }
        autoencoder.FoldScale(1.7);
        return autoencoder;
    }

    /// <summary>Every variant that goes out, with each of the ways in which SAELens changes vectors.</summary>
    public static TheoryData<string, InputNormalization> Exportable =>
        [.. Samples.Exportable.SelectMany(row => Enum.GetValues<InputNormalization>().Select(one => (row.Data, one)))];

    [Theory]
    [MemberData(nameof(Exportable))]
    public void A_round_trip_keeps_every_byte_and_every_setting(string variant, InputNormalization normalization)
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            using var saved = Sample(variant, dtype);
            saved.Axis = 2;
            saved.Normalization = normalization;
            SaeLensFile.Export(_folder, saved);
            using var loaded = SaeLensFile.Import(_folder);
            Assert.Equal((saved.Architecture, saved.Settings, saved.Axis, normalization),
                (loaded.Architecture, loaded.Settings, loaded.Axis, loaded.Normalization));
            Assert.Equal(saved.Parameters.Keys, loaded.Parameters.Keys);
            foreach (var name in saved.Parameters.Keys)
                Assert.Equal(saved.Parameters[name].contiguous().bytes, loaded.Parameters[name].contiguous().bytes);
            var x = Samples.Vectors(Rows, Inputs, dtype);
            Assert.True(saved.EncodeDense(x).Equals(loaded.EncodeDense(x)));
        }
    }

    /// <summary>What SAELens makes of the folder: our own block is not there for it.</summary>
    [Theory]
    [MemberData(nameof(Exportable))]
    public void Codes_are_the_same_without_our_block(string variant, InputNormalization normalization)
    {
        using var scope = NewDisposeScope();
        using var saved = Sample(variant);
        saved.Normalization = normalization;
        SaeLensFile.Export(_folder, saved);
        Edit(cfg => cfg.Remove("fovea"));
        using var loaded = SaeLensFile.Import(_folder);
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32);
        Assert.True(saved.EncodeDense(x).count_nonzero().item<long>() > Rows);
        Assert.True(saved.EncodeDense(x).equal(loaded.EncodeDense(x)).all().item<bool>());
        Assert.True(saved.Reconstruct(x).equal(loaded.Reconstruct(x)).all().item<bool>());
    }

    [Fact]
    public void An_archetypal_one_goes_out_as_the_TopK_that_it_is_without_its_hull()
    {
        using var scope = NewDisposeScope();
        using var saved = Sample("archetypal");
        SaeLensFile.Export(_folder, saved);
        using var loaded = SaeLensFile.Import(_folder);
        Assert.Equal(5, Assert.IsType<TopKAutoencoder>(loaded).K);
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32);
        Assert.True(saved.EncodeDense(x).equal(loaded.EncodeDense(x)).all().item<bool>());
        Assert.True(saved.Reconstruct(x).equal(loaded.Reconstruct(x)).all().item<bool>());
    }

    [Fact]
    public void A_pursuit_of_k_steps_has_no_words_in_SAELens()
    {
        using var saved = Sample("matchingpursuit");
        var error = Assert.Throws<FoveaException>(() => SaeLensFile.Export(_folder, saved));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("knows no k", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void What_training_was_and_what_came_out_stands_in_the_metadata()
    {
        JsonNode Metadata(string variant)
        {
            using var saved = Sample(variant);
            SaeLensFile.Export(_folder, saved, scores: new AutoencoderScores { L0 = 4.25, DeadFraction = 0.1 });
            return JsonNode.Parse(File.ReadAllText(Configuration))!["metadata"]!;
        }

        JsonNode nested = Metadata("matryoshka"), batch = Metadata("batchtopk"), l1 = Metadata("l1-untied");
        Assert.Equal(("matryoshka_batchtopk", 5.0), ((string)nested["training_architecture"]!,
            (double)nested["training_architecture_details"]!["k"]!));
        Assert.Equal([2, 4, 9, 19, 40], nested["training_architecture_details"]!["matryoshka_widths"]!.AsArray().Select(width =>
            (int)width!));
        Assert.Equal("batchtopk", (string)batch["training_architecture"]!);
        Assert.Equal("standard", (string)l1["training_architecture"]!);
        Assert.Equal((4.25, 4), ((double)l1["l0"]!, (int)l1["num_dead_features"]!));
    }

    [Fact]
    public void Clipping_becomes_a_threshold_that_keeps_the_clip_value_itself()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var saved = new L1Autoencoder(1, 1, 0.5, clip: 0.1);
        foreach (string weight in (string[])["W_enc", "W_dec"]) saved.Parameters[weight].fill_(1);
        SaeLensFile.Export(_folder, saved);
        Edit(cfg => cfg.Remove("fovea"));
        using var loaded = SaeLensFile.Import(_folder);
        Assert.Equal("jumprelu", loaded.Architecture);
        float clip = 0.1f;
        float[] values = [MathF.BitDecrement(clip), clip, MathF.BitIncrement(clip), 0, -1];
        var x = tensor(values).view(-1, 1);
        Assert.Equal([0, clip, MathF.BitIncrement(clip), 0, 0], loaded.EncodeDense(x).data<float>().ToArray());
        Assert.True(saved.EncodeDense(x).equal(loaded.EncodeDense(x)).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Exportable))]
    public void Python_computes_the_same_codes_by_SAELens_formulas(string variant, InputNormalization normalization)
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(
            File.Exists(Python)
                && Run(Python, "-c", "import numpy").Code == 0, "needs Python with numpy (Debian: apt install python3-numpy)");
        using var scope = NewDisposeScope();
        using var saved = Sample(variant);
        saved.Normalization = normalization;
        SaeLensFile.Export(_folder, saved);
        var x = Samples.Vectors(Rows, Inputs, ScalarType.Float32) * 3 + 1;
        string vectors = Path.Combine(_folder, "vectors.safetensors"), output = Path.Combine(_folder, "out.bin");
        Safetensors.Write(vectors, new Dictionary<string, Tensor> { ["x"] = x });
        var (code, errors) = Run(Python, CheckpointFixtures.Script("saelens_codes.py"), _folder, vectors, output);
        Assert.True(code == 0, errors);
        float[] theirs = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(output)).ToArray();
        float[] ours = [.. saved.EncodeDense(x).data<float>(), .. saved.Reconstruct(x).data<float>()];
        Assert.Equal(ours.Length, theirs.Length);
        Assert.Contains(ours.Take(Rows * Latents), value => value > 0);
        for (int i = 0; i < ours.Length; i++)
            Assert.True(Math.Abs(ours[i] - theirs[i]) <= 2e-5 * (1 + Math.Abs(ours[i])), $"number {i}: {ours[i]} here, {theirs[i]} there");
    }

    [Fact]
    public void The_document_says_what_SAELens_asks_for()
    {
        using var saved = Sample("topk");
        SaeLensFile.Export(_folder, saved, "resnet18", "layer4");
        var cfg = JsonNode.Parse(File.ReadAllText(Configuration))!;
        Assert.Equal(("topk", Inputs, Latents, 5), ((string)cfg["architecture"]!, (int)cfg["d_in"]!, (int)cfg["d_sae"]!, (int)cfg["k"]!));
        Assert.Equal(
            ("float32", "cpu", "none", "none"),
                ((string)cfg["dtype"]!, (string)cfg["device"]!, (string)cfg["normalize_activations"]!,
                    (string)cfg["reshape_activations"]!));
        Assert.True((bool)cfg["apply_b_dec_to_input"]!);
        Assert.False((bool)cfg["rescale_acts_by_decoder_norm"]!);
        Assert.Equal(
            ("6.0.0", "resnet18", "layer4"),
                ((string)cfg["metadata"]!["sae_lens_version"]!, (string)cfg["metadata"]!["model_name"]!,
                    (string)cfg["metadata"]!["hook_name"]!));
        // Null, or SAELens would name itself as the trainer.
        Assert.True(cfg["metadata"]!.AsObject().ContainsKey("sae_lens_training_version"));
        Assert.Null(cfg["metadata"]!["sae_lens_training_version"]);
    }

    [Fact]
    public void Our_block_is_not_believed_against_the_weights()
    {
        using var saved = Sample("l1-untied");
        SaeLensFile.Export(_folder, saved);
        Edit(cfg => cfg["fovea"]!["settings"]!["clip"] = 0.3);
        var error = Assert.Throws<FoveaException>(() => SaeLensFile.Import(_folder));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("fovea", error.Message, StringComparison.Ordinal);
    }

    private void Edit(Action<JsonObject> change)
    {
        var cfg = JsonNode.Parse(File.ReadAllText(Configuration))!.AsObject();
        change(cfg);
        File.WriteAllText(Configuration, cfg.ToJsonString());
    }

    private static (int Code, string Errors) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
