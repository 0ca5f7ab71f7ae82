using System.Diagnostics;
using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Synthetic;
using Fovea.Dictionaries.Training;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Which dictionaries find planted directions, on easy vectors and on three harder kinds, as a Markdown table: the mean cosine after the
/// best one-to-one matching, and L0 and FVU on held-out vectors. Not a speed figure: docs/reference/planted.md has the table and what the
/// settings are.
/// </summary>
internal static class PlantedBench
{
    private sealed record Row(string Name, int Directions, double Cosine, AutoencoderScores Scores);

    public static void Run()
    {
        var columns = PlantedSettings.Kinds.Select(kind => Column(kind.Name, kind.Options)).ToArray();
        Console.WriteLine($"\nMean matched cosine (L0; FVU on {PlantedSettings.HeldOutRows} held-out vectors); one seed.\n");
        Console.WriteLine($"| dictionary | n | {string.Join(" | ", PlantedSettings.Kinds.Select(kind => kind.Name))} |");
        Console.WriteLine($"|---|---|{string.Concat(columns.Select(_ => "---|"))}");
        for (int i = 0; i < columns[0].Count; i++)
            Console.WriteLine(
                $"| {columns[0][i].Name} | {columns[0][i].Directions} | {string.Join(" | ", columns.Select(column => Cell(column[i])))} |");
    }

    private static string Cell(Row row) => FormattableString.Invariant($"{row.Cosine:0.000} ({row.Scores.L0:0.0}; {row.Scores.Fvu:0.000})");

    private static List<Row> Column(string name, PlantedDictionaryOptions options)
    {
        var clock = Stopwatch.StartNew();
        var planted = new PlantedDictionary(options);
        var source = new InMemory(planted);
        long[] rows = [.. Enumerable.Range(0, (int)options.Rows).Select(row => (long)row)];
        var (train, heldOut) = (rows[..PlantedSettings.TrainRows], rows[PlantedSettings.TrainRows..]);
        using var truth = planted.Directions();
        var table = new List<Row> { new("the planted directions and codes", options.LatentSize, 1, True(planted, source, truth, heldOut)) };
        table.AddRange(Learned(source, truth, train, heldOut));
        foreach (string plain in PlantedSettings.Plain)
        {
            using var dictionary = BaselineDictionaries.Fit(plain, source, train, PlantedSettings.PlainOptions);
            var scores = DictionaryEvaluation.Measure(dictionary, source, heldOut).Scores;
            table.Add(new Row(plain, dictionary.LatentSize, DictionarySimilarity.MatchedCosine(truth, dictionary.Directions), scores));
        }
        Console.WriteLine(FormattableString.Invariant($"{name}: {clock.Elapsed.TotalSeconds:0} s"));
        return table;
    }

    /// <summary>
    /// All variants with as many epochs learn from one reading of the vectors; rows come in the order of
    /// <see cref="PlantedSettings.Variants"/>.
    /// </summary>
    private static IEnumerable<Row> Learned(InMemory source, Tensor truth, long[] train, long[] heldOut)
    {
        var rows = new Dictionary<string, Row>();
        foreach (var stream in PlantedSettings.Variants.GroupBy(variant => variant.Epochs))
        {
            foreach (var one in AutoencoderTrainer.TrainMany(
                [.. stream.Select(variant => new TrainingRequest(variant))], source, train, [new HeldOut(HeldOut.Main, heldOut)]))
            {
                using var trained = one;
                double cosine = DictionarySimilarity.MatchedCosine(truth, trained.Autoencoder.DecoderWeight);
                rows.Add(trained.Options.Title,
                    new Row(trained.Options.Title, trained.Autoencoder.LatentSize, cosine, trained.Report.Validation!));
            }
        }
        return PlantedSettings.Variants.Select(variant => rows[variant.Title]);
    }

    /// <summary>What the planted codes leave unexplained: the noise.</summary>
    private static AutoencoderScores True(PlantedDictionary planted, InMemory source, Tensor truth, long[] rows)
    {
        using var scope = NewDisposeScope();
        var values = new float[rows.Length * source.Dimension];
        source.Read(rows, values);
        using var codes = planted.Codes(rows);
        var dense = codes.ToDense();
        var metrics = new AutoencoderMetrics(source.Dimension, planted.Options.LatentSize);
        metrics.Add(tensor(values, [rows.Length, source.Dimension]), dense.matmul(truth), dense);
        return metrics.Scores();
    }

    /// <summary>Drawing a vector takes longer than learning from it, and each is read many times.</summary>
    private sealed class InMemory : IVectorSource
    {
        private readonly float[] _values;

        public InMemory(PlantedDictionary planted)
        {
            (Dimension, Count) = (planted.Dimension, planted.Count);
            _values = new float[Count * Dimension];
            Parallel.For(0, Count, row => planted.Read([row], _values.AsSpan((int)row * Dimension, Dimension)));
        }

        public int Dimension { get; }

        public long Count { get; }

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            for (int i = 0; i < rows.Length; i++)
                _values.AsSpan((int)rows[i] * Dimension, Dimension).CopyTo(destination[(i * Dimension)..]);
        }
    }
}
