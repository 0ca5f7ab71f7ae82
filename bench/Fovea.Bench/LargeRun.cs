using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// A run folder of a size that people come to, with real files of evidence for every unit: tables, tensors, sheets. Its numbers follow from
/// formulas; nothing is trained.
/// </summary>
internal static class LargeRun
{
    public const string Layer = "layer4", Dictionary = "topk";
    public const int Units = 20_000, Images = 5_000, Classes = 1000, Neurons = 512;
    private const int Bins = 164, Grid = 7, Pictured = 2000, Side = 128, K = 32;

    private static readonly (string Kind, int Count)[] Kinds =
        [(ExampleKinds.Top, 6), (ExampleKinds.Band(50), 3), (ExampleKinds.Band(75), 3), (ExampleKinds.Band(90), 3), (ExampleKinds.Random, 4),
            (ExampleKinds.Near, 3)];

    /// <summary>Writes the folder, unless it is there whole.</summary>
    public static void Write(string run)
    {
        if (File.Exists(Path.Combine(run, RunLayout.Run))) return;
        WriteDictionary(run);
        WriteVectors(Path.Combine(run, "activations", Layer));
        DocumentFile.Write(Path.Combine(run, RunLayout.Model), new ModelDocument
        {
            Architecture = "resnet18",
            Flow = new FlowSettings(true, 0.01),
            Preprocessing = new PreprocessingSettings(256, 224, [0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]),
            Parameters = 11_689_512,
            Sha256 = new string('0', 64),
            Classes = [.. Enumerable.Range(0, Classes).Select(i => new ClassEntry($"n{i:D8}", $"class number {i}"))],
        });
        foreach ((string source, int units, int pictured) in ((string, int, int)[])[(RunLayout.Neurons, Neurons, Neurons), (Dictionary, Units, Pictured)])
            WriteUnits(Path.Combine(run, RunLayout.Units(Layer, source)), units, pictured);
        AtomicFile.WriteText(Path.Combine(run, RunLayout.Recipe), "schema = 1\nname = \"large\"\n\n[harvest]\nlayers = [\"layer4\"]\n");
        DocumentFile.Write(Path.Combine(run, RunLayout.Run), new RunRecord
        {
            Id = "large",
            Status = "done",
            Command = "fovea-bench explorer",
            Versions = new Dictionary<string, string>(),
            Device = "cpu",
            Threads = 2,
            Seed = 0,
            Started = DateTime.UnixEpoch,
            Seconds = 0,
            ExitCode = 0,
            Stages = [],
        });
    }

    /// <summary>A dictionary with drawn weights: its codes are as sparse as those of a trained one.</summary>
    private static void WriteDictionary(string run)
    {
        using var dictionary = new TopKAutoencoder(Neurons, Units, K) { Layer = Layer };
        dictionary.Initialize(1);
        AutoencoderFile.Save(Path.Combine(run, RunLayout.Dictionary(Layer, Dictionary)), dictionary);
    }

    /// <summary>Vectors of some of the images, so many that shared activity is counted over as many positions as it ever is.</summary>
    private static void WriteVectors(string folder)
    {
        const int Stored = 700, Positions = Grid * Grid, Rows = Stored * Positions;
        var random = new CounterRandom(1, "bench/large-run", 0);
        float[] vectors = new float[Rows * Neurons];
        for (int i = 0; i < vectors.Length; i++) vectors[i] = (float)Math.Max(0, random.NextDouble() - 0.4);
        int[] images = [.. Enumerable.Range(0, Rows).Select(row => row / Positions)];
        short[] places = [.. Enumerable.Range(0, Rows).SelectMany(row => (short[])[(short)(row % Positions / Grid), (short)(row % Grid)])];
        Safetensors.Write(Path.Combine(folder, "vectors-00000.safetensors"),
        [
            SafetensorsEntry.Of("vectors", vectors, Rows, Neurons),
            SafetensorsEntry.Of("image", images, Rows),
            SafetensorsEntry.Of("position", places, Rows, 2),
            SafetensorsEntry.Of("label", images.Select(image => image % Classes).ToArray(), Rows),
        ], TensorSchema.Of(1));
        DocumentFile.Write(Path.Combine(folder, ActivationManifest.FileName), new ActivationManifest
        {
            Layer = Layer,
            Channels = Neurons,
            Grid = [Grid, Grid],
            Images = Stored,
            Vectors = Rows,
            Damaged = 0,
            Source = "formulas",
            Shards = [new ActivationShard("vectors-00000.safetensors", 0, Rows)],
            Filters = [],
            Split = new ActivationSplit(1, 0.1, []),
        });
    }

    private static void WriteUnits(string folder, int units, int pictured)
    {
        Directory.CreateDirectory(folder);
        // Many pictures, few different ones: what is measured is pages, not the making of images.
        var layout = new SheetLayout("pictures", Enumerable.Repeat((Side, Side), pictured));
        SheetFiles.Write(folder, layout, Picture);
        var places = layout.Pictures;
        TableFile.Write(Path.Combine(folder, FeatureTables.FeaturesName),
            [.. Enumerable.Range(0, units).Select(unit => Row(unit, unit < pictured ? places[unit] : null))]);
        TableFile.Write(Path.Combine(folder, FeatureTables.ExamplesName),
            [.. Enumerable.Range(0, units).SelectMany(unit => Kinds.SelectMany(kind => Enumerable.Range(0, kind.Count)
                .Select(rank => Example(unit, kind.Kind, rank, unit < pictured ? places[(unit + rank) % pictured] : null))))]);
        float[] Fill(int size, double scale) =>
            [.. Enumerable.Range(0, units * size).Select(i => (float)(scale * (i * 2654435761L % 1009 - 300) / 1009))];
        long[] counts = [.. Enumerable.Range(0, units * Bins).Select(i => (long)Math.Max(0, 40_000 * Math.Exp(-0.11 * (i % Bins)) - i % 13))];
        Safetensors.Write(Path.Combine(folder, EvidenceTensors.FileName),
        [
            SafetensorsEntry.Of(EvidenceTensors.Histogram, counts, units, Bins),
            SafetensorsEntry.Of(EvidenceTensors.HistogramEdges, Enumerable.Range(0, Bins + 1).Select(i => 0.1f * i).ToArray(), Bins + 1),
            SafetensorsEntry.Of(EvidenceTensors.GridMean, Fill(Grid * Grid, 0.4), units, Grid, Grid),
            SafetensorsEntry.Of(EvidenceTensors.GridRate, Fill(Grid * Grid, 0.2), units, Grid, Grid),
            SafetensorsEntry.Of(EvidenceTensors.ClassMeans, Fill(Classes, 1), units, Classes),
            SafetensorsEntry.Of(EvidenceTensors.LogitWeights, Fill(Classes, 2), units, Classes),
        ], TensorSchema.Of(EvidenceTensors.Schema));
    }

    /// <summary>What stands beside a picture that was asked for.</summary>
    public static PictureRecord Record(int unit) => new()
    {
        Unit = unit,
        Layer = Layer,
        Source = Dictionary,
        Preset = "paper",
        Objective = $"latent {unit}",
        Parameterization = "pixels",
        Transforms = [],
        Steps = 512,
        LearningRate = 0.05,
        TotalVariation = 0,
        Blur = 0,
        Seed = 1,
        Activation = 4,
        Peak = 9,
        Curve = [],
        Size = 8,
        BatchSize = 1,
    };

    private static FeatureRow Row(int unit, StoredPicture? place) => new()
    {
        Unit = unit,
        Density = unit % 23 == 7 ? 0 : 0.0002 * (1 + unit * 37L % 4001),
        Mean = 0.001 * (unit * 13L % 997),
        Max = 0.01 * (unit * 7919L % 3001),
        P999 = unit % 5 == 0 ? 0 : 2 + unit % 11,
        P999Active = 3 + unit % 11,
        Selectivity = unit * 17L % 9973 / 9973.0,
        TopClass = unit % Classes,
        TopClassMean = 0.25 * (unit % 9),
        Purity = unit * 31L % 7919 / 7919.0,
        PurityShuffled = 0.02,
        Uniqueness = unit * 29L % 6007 / 6007.0,
        UniquenessRandom = 0.98,
        Picture = place?.File,
        PictureLeft = place?.Left,
        PictureTop = place?.Top,
        PictureWidth = place?.Width,
        PictureHeight = place?.Height,
        Preset = place is null ? null : "paper",
        Activation = place is null ? null : 4,
        Peak = place is null ? null : 9,
    };

    private static ExampleRow Example(int unit, string kind, int rank, StoredPicture? place) => new()
    {
        Unit = unit,
        Kind = kind,
        Rank = rank,
        Image = string.Create(CultureInfo.InvariantCulture, $"val/n{(unit + rank) % Classes:D8}_{(unit * 22L + rank) % Images}.JPEG"),
        ImageIndex = (int)((unit * 22L + rank) % Images),
        Label = (unit + rank) % Classes,
        Value = 12 - 0.3f * rank,
        Y = rank % Grid,
        X = unit % Grid,
        Crop = place?.File,
        CropLeft = place?.Left,
        CropTop = place?.Top,
        CropWidth = place?.Width,
        CropHeight = place?.Height,
        Heat = place?.File,
        HeatLeft = place?.Left,
        HeatTop = place?.Top,
        HeatWidth = place?.Width,
        HeatHeight = place?.Height,
    };

    private static RgbImage Picture(int unit)
    {
        var pixels = new byte[Side * Side * 3];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)((i / 3 % Side * (unit % 7 + 1) + i / 3 / Side * 3 + i % 3 * 60) % 256);
        return new RgbImage(Side, Side, pixels);
    }
}
