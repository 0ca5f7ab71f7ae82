using Fovea.Activations;
using Fovea.Activations.Filters;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Models.Torch;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Activations;

public sealed class PrecisionTests : IDisposable
{
    private static readonly Preprocessing Input = new(null, 128, [0.5f, 0.5f, 0.5f], [0.25f, 0.25f, 0.25f]);
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-precision-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_not_faster_is_refused_and_what_is_faster_is_told()
    {
        using ImageModel large = PlainRun.Trained("resnet18"), small = PlainRun.Trained("small_cnn");
        using EvidencePass slow = Pass(large, "layer4", ReadingPrecision.BFloat16), quick = Pass(small, "block1", ReadingPrecision.Single);
        var refusal = Assert.Throws<FoveaException>(() => PrecisionTrial.Run(slow, quick, 8, (96, 96)));
        Assert.Equal(FailureKind.Configuration, refusal.Kind);
        Assert.Contains("not faster", refusal.Message, StringComparison.Ordinal);
        using EvidencePass half = Pass(small, "block1", ReadingPrecision.BFloat16), single = Pass(large, "layer4", ReadingPrecision.Single);
        Assert.Contains("8 images take", PrecisionTrial.Run(half, single, 8, (96, 96)), StringComparison.Ordinal);
        Assert.Contains("bf16", half.Engine.Id, StringComparison.Ordinal);
        Assert.DoesNotContain("bf16", single.Engine.Id, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_that_calculate_otherwise_are_refused()
    {
        using ImageModel model = PlainRun.Trained("small_cnn");
        model.ToType(ScalarType.Float64);
        Assert.Contains("Float64", Assert.Throws<FoveaException>(() => PrecisionTrial.RequireSupport(model)).Message, StringComparison.Ordinal);
        string flags = File.Exists("/proc/cpuinfo") ? File.ReadAllText("/proc/cpuinfo") : "";
        Assert.SkipUnless(flags.Contains("flags", StringComparison.Ordinal), "Linux lists no flags of the processor here");
        Assert.Equal(
            flags.Contains("avx512_bf16", StringComparison.Ordinal) || flags.Contains("amx_bf16", StringComparison.Ordinal),
            PrecisionTrial.IsSupported);
    }

    [Fact]
    public void A_harvest_in_it_says_so_and_is_another_harvest()
    {
        Assert.SkipUnless(PrecisionTrial.IsSupported, "this processor has no products of bfloat16");
        using ImageModel trained = PlainRun.Trained("resnet18");
        ImageModel network = trained.With(Input);
        network.Engine = EngineChoice.Torch;
        using var source = new NoisePictures(6, 128, 128);
        var options = new HarvestOptions
        {
            Layers = ["layer4"],
            Filters = ["magnitude"],
            BatchSize = 6,
            Precision = ReadingPrecision.BFloat16
        };
        ReadingEngine? said = null;
        network.EngineChosen = engine => said = engine;
        ActivationManifest manifest;
        try
        {
            manifest = new Harvester(network, source, options).Run([0, 1, 2, 3, 4, 5], _root)[0];
        }
        catch (FoveaException e) when (e.Message.Contains("not faster", StringComparison.Ordinal))
        {
            Assert.Skip(e.Message);
            throw;
        }
        Assert.EndsWith("bf16", manifest.Engine, StringComparison.Ordinal);
        Assert.Contains("6 images take", said!.InWords, StringComparison.Ordinal);
        // The trial's times are not part of what is made.
        Assert.DoesNotContain("ms", manifest.EngineReason, StringComparison.Ordinal);
        var other = Assert.Throws<FoveaException>(
            () => new Harvester(network, source, options with { Precision = ReadingPrecision.Single }).Run([0, 1, 2, 3, 4, 5], _root));
        Assert.Contains("another harvest", other.Message, StringComparison.Ordinal);
    }

    private static EvidencePass Pass(ImageModel model, string layer, ReadingPrecision precision)
    {
        model.Engine = EngineChoice.Torch;
        return new EvidencePass(model, [layer], [LayerNeed.Activations], precision: precision);
    }
}
