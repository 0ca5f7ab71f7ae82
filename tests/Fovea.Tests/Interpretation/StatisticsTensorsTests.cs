using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Numerics;
using Fovea.Tests.Dictionaries;
using Xunit;

namespace Fovea.Tests.Interpretation;

/// <summary>What one process found out about units, read by another: every bit.</summary>
public sealed class StatisticsTensorsTests : IDisposable
{
    private const int Images = 60, Side = 2, Channels = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-statistics-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Are_read_as_they_were_written(bool latents, bool labelled)
    {
        using SparseAutoencoder dictionary = Samples.Create("topk", Channels, 3 * Channels, TorchSharp.torch.float32);
        UnitGroup group = latents ? new UnitGroup("d", "layer", dictionary) : UnitGroup.Neurons("layer");
        var random = new CounterRandom(3, "vectors", 0);
        float[] vectors = [.. Enumerable.Range(0, Images * Side * Side * Channels).Select(_ => (float)(random.NextDouble() * 2 - 0.7))];
        int[] images = [.. Enumerable.Range(0, Images).Select(i => 3 * i)];
        GroupStatistics made = TopExamples.Collect(new ArrayVectors(vectors, Channels), Side, Side, images, [group], new TopExamplesOptions
        {
            Examples = 4,
            Seed = 7,
            Labels = labelled ? new ImageLabels(images, [.. images.Select(i => i % 4)], 4) : null,
        })[0];
        string path = Path.Combine(_folder, "kept.safetensors");
        Safetensors.Write(path, StatisticsTensors.Of(made));
        using var file = SafetensorsFile.Open(path);
        GroupStatistics read = StatisticsTensors.Read(file, group);
        Assert.Equal((made.Group, made.Images, made.Height, made.Width), (read.Group, read.Images, read.Height, read.Width));
        Assert.Equal(latents ? 3 * Channels : Channels, read.Units.Count);
        for (int unit = 0; unit < made.Units.Count; unit++)
        {
            var (one, other) = (made.Units[unit], read.Units[unit]);
            Assert.Equal((one.Unit, one.Density, one.Mean, one.Maximum), (other.Unit, other.Density, other.Mean, other.Maximum));
            Assert.Equal(one.AllExamples.Select(set => set.Kind), other.AllExamples.Select(set => set.Kind));
            Assert.Equal(one.AllExamples.SelectMany(set => set.Examples), other.AllExamples.SelectMany(set => set.Examples));
            Assert.Equal(made.Histogram!.Quantile(unit, 0.97), read.Histogram!.Quantile(unit, 0.97));
            Assert.Equal(made.Histogram.Quantile(unit, 0.5, activeOnly: true), read.Histogram.Quantile(unit, 0.5, activeOnly: true));
            Assert.Equal(made.Grid!.Overall(unit), read.Grid!.Overall(unit));
            Assert.Equal((made.Classes?.TopClass(unit), made.Classes?.Selectivity(unit)), (read.Classes?.TopClass(unit), read.Classes?.Selectivity(unit)));
        }
        Assert.Contains(made.Units, unit => unit.Examples.Count > 1 && unit.Others.Sum(set => set.Examples.Count) > 4);
        Assert.Equal(labelled, read.Classes is not null);
        // The file that a run keeps is made of what was read as of what was found.
        EvidenceFile.Write(Path.Combine(_folder, "found"), made, null);
        EvidenceFile.Write(Path.Combine(_folder, "read"), read, null);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "found")), File.ReadAllBytes(Path.Combine(_folder, "read")));
        Assert.Equal(FeatureTables.FeaturesTable(FeatureTables.Features(made, [])), FeatureTables.FeaturesTable(FeatureTables.Features(read, [])));
    }
}
