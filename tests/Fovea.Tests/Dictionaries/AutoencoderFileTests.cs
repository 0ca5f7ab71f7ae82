using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class AutoencoderFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-sae").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Samples.Variants), MemberType = typeof(Samples))]
    public void A_round_trip_keeps_every_byte_and_every_setting(string variant)
    {
        using var scope = NewDisposeScope();
        using var saved = Samples.Create(variant, 6, 20, ScalarType.Float32);
        saved.FoldScale(1.7);
        AutoencoderFile.Save(_folder, saved);
        using var loaded = AutoencoderFile.Load(_folder);
        Assert.Equal(saved.Settings, loaded.Settings);
        Assert.Equal(saved.Architecture, loaded.Architecture);
        Assert.Equal(saved.Parameters.Keys, loaded.Parameters.Keys);
        foreach (var name in saved.Parameters.Keys)
            Assert.Equal(saved.Parameters[name].contiguous().bytes, loaded.Parameters[name].contiguous().bytes);
        var x = Samples.Vectors(9, 6, ScalarType.Float32);
        Assert.True(saved.EncodeDense(x).Equals(loaded.EncodeDense(x)));
        Assert.False(loaded.DecoderWeight.requires_grad);
    }

    [Fact]
    public void The_files_carry_SAELens_names_and_shapes()
    {
        using var saved = Samples.Create("jumprelu", 6, 20, ScalarType.Float32);
        AutoencoderFile.Save(_folder, saved);
        using var file = SafetensorsFile.Open(Path.Combine(_folder, "sae_weights.safetensors"));
        Assert.Equal(["W_dec", "W_enc", "b_dec", "b_enc", "threshold"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([6, 20], file.Tensors["W_enc"].Shape);
        Assert.Equal([20, 6], file.Tensors["W_dec"].Shape);
        Assert.Equal([20], file.Tensors["threshold"].Shape);
        using var cfg = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "cfg.json")));
        Assert.Equal("jumprelu", cfg.RootElement.GetProperty("architecture").GetString());
        Assert.Equal(6, cfg.RootElement.GetProperty("d_in").GetInt32());
        Assert.Equal(20, cfg.RootElement.GetProperty("d_sae").GetInt32());
        Assert.True(cfg.RootElement.GetProperty("apply_b_dec_to_input").GetBoolean());
        Assert.Equal("none", cfg.RootElement.GetProperty("normalize_activations").GetString());
    }

    [Fact]
    public void Missing_unexpected_and_wrong_tensors_are_listed_together()
    {
        using var scope = NewDisposeScope();
        using var saved = Samples.Create("topk", 6, 20, ScalarType.Float32);
        AutoencoderFile.Save(_folder, saved);
        Safetensors.Write(Path.Combine(_folder, "sae_weights.safetensors"), new Dictionary<string, Tensor>
        {
            ["W_enc"] = zeros(6, 21),
            ["W_dec"] = zeros(20, 6),
            ["b_enc"] = zeros(20),
            ["surplus"] = zeros(1),
        });
        var error = Assert.Throws<FoveaException>(() => AutoencoderFile.Load(_folder));
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("b_dec is missing", error.Message, StringComparison.Ordinal);
        Assert.Contains("W_enc is [6, 21], expected [6, 20]", error.Message, StringComparison.Ordinal);
        Assert.Contains("surplus is unexpected", error.Message, StringComparison.Ordinal);
    }
}
