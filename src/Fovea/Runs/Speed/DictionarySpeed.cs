using Fovea.Activations;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Interpretation;
using Fovea.Runs.Stages;

namespace Fovea.Runs.Speed;

/// <summary>
/// Seconds a vector of what is done with dictionaries, on vectors that no network has given (<see cref="SampleVectors"/>).
/// </summary>
internal sealed class DictionarySpeed(RunContext context, MachineSpeed machine) : IDisposable
{
    /// <summary>
    /// Work of one timing, as multiplications and additions of a dense product with the encoder: some tenths of a second on a small
    /// processor.
    /// </summary>
    private const double Work = 2e9;

    private const int MostRows = 16_384, Epochs = 3, EvidenceBatch = 16;

    private readonly Dictionary<object, TrainedAutoencoder> _trained = [];
    private readonly Dictionary<object, double> _fitOnce = [];

    /// <summary>A vector in one pass of a training.</summary>
    public double Step(AutoencoderOptions options, int channels) =>
        machine.Once(("step", Kind(options, channels)), $"{Words(options, channels)} is trained", "vector", () =>
    {
        long rows = Rows(options, channels);
        var source = new SampleVectors(channels, rows);
        void Train(long epochs)
        {
            using var trained = AutoencoderTrainer.Train(
                options with { Epochs = (int)epochs, CheckpointEverySteps = int.MaxValue }, source, RowSet.Range(0, rows), RowSet.Empty);
        }
        return SteadyRate.Of(Train, 1, Epochs).Each / rows;
    });

    /// <summary>A vector in a measurement.</summary>
    public double Measure(AutoencoderOptions options, int channels) =>
        machine.Once(("measure", Kind(options, channels)), $"{Words(options, channels)} is measured", "vector", () =>
    {
        long rows = Rows(options, channels);
        var (autoencoder, source) = (Trained(options, channels), new SampleVectors(channels, 2 * rows));
        return SteadyRate.Of(count => DictionaryEvaluation.Scores(autoencoder, source, RowSet.Range(0, count)), rows, 2 * rows).Each;
    });

    /// <summary>A vector in a measurement of a plain dictionary.</summary>
    public double Measure(string baseline, int channels, int directions) =>
        machine.Once(("measure", baseline, channels, directions), $"{baseline} of {directions} directions is measured", "vector", () =>
    {
        int few = Math.Max(2 * directions, 256);
        var source = new SampleVectors(channels, 2L * few);
        using var fitted = BaselineDictionaries.Fit(
            baseline, source, RowSet.Range(0, few), new BaselineOptions { LatentSize = directions, Seed = context.Settings.Seed });
        return SteadyRate.Of(count => DictionaryEvaluation.Scores(fitted, source, RowSet.Range(0, count)), few, 2 * few).Each;
    });

    /// <summary>A vector in the search for examples: the neurons of a layer, or the latents of a dictionary.</summary>
    public double Evidence(AutoencoderOptions? options, string layer, int channels) =>
        machine.Once(
            ("evidence", options is null ? "" : Kind(options, channels), channels),
                $"examples of {(options is null ? $"{channels} neurons" : Words(options, channels))}", "vector", () =>
        {
            var (_, positions) = context.Shapes.Of(layer);
            int images = EvidenceBatch * 12;
            var group = options is null ? UnitGroup.Neurons(layer) : UnitGroup.Latents(layer, "speed", Trained(options, channels));
            // Without labels there is a little less to do.
            int classes = Math.Max(1, context.Harvested.Classes.Count);
            int[] numbers = [.. Enumerable.Range(0, images)], labels = [.. numbers.Select(i => i % classes)];
            var purity = new ClassPurity(group.UnitCount(channels), numbers, image => labels[image], classes, 0);
            var collect = new TopExamplesOptions
            {
                Examples = Math.Max(context.Settings.Features!.Examples, Uniqueness.SetSize),
                BatchSize = EvidenceBatch,
                Labels = new ImageLabels(numbers, labels, classes),
                Observers = new[] { (group, (IUnitObserver)purity) }.ToLookup(one => one.group, one => one.Item2),
            };
            return SteadyRate.Of(
                (done, stop) =>
                    TopExamples.Collect(new SampleVectors(channels, (long)images * positions), 1, positions, numbers, [group], collect,
                new Reporter<TopExamplesProgress>(value => done((long)value.Images * positions)), stop));
        });

    /// <summary>Seconds of the fit of a plain dictionary.</summary>
    /// <param name="baseline">Which.</param>
    /// <param name="channels">d.</param>
    /// <param name="directions">n.</param>
    /// <param name="rows">Vectors it is fitted to.</param>
    public double Fit(string baseline, int channels, int directions, long rows)
    {
        if (baseline is NeuronBasis.DictionaryName or RandomDirections.DictionaryName) return 0;
        object key = ("fit", baseline, channels, directions);
        double each = machine.Once(key, $"{baseline} of {directions} directions is fitted", "vector", () =>
        {
            int few = Math.Max(2 * directions, 256);
            var source = new SampleVectors(channels, 2L * few);
            var options = new BaselineOptions { LatentSize = directions, Seed = context.Settings.Seed };
            (_fitOnce[key], double one) = SteadyRate.Of(
                count => BaselineDictionaries.Fit(baseline, source, RowSet.Range(0, count), options).Dispose(), few, 2 * few);
            return one;
        });
        return _fitOnce[key] + rows * each;
    }

    /// <summary>An autoencoder of these options, hardly trained: it has the sizes, and codes like one.</summary>
    public SparseAutoencoder Trained(AutoencoderOptions options, int channels)
    {
        object kind = Kind(options, channels);
        if (_trained.TryGetValue(kind, out var known)) return known.Autoencoder;
        long rows = Math.Min(Rows(options, channels), 4L * options.BatchSize);
        return (_trained[kind] = AutoencoderTrainer.Train(
            options with { Epochs = 1, CheckpointEverySteps = int.MaxValue }, new SampleVectors(channels, rows), RowSet.Range(0, rows),
                RowSet.Empty)).Autoencoder;
    }

    /// <summary>What the time of an autoencoder depends on most; how sparse it gets is known only when it is trained.</summary>
    public static object Kind(AutoencoderOptions options, int channels) =>
        (options.Variant.Architecture, channels, options.LatentsFor(channels), options.BatchSize);

    /// <summary>Frees the autoencoders.</summary>
    public void Dispose()
    {
        foreach (var one in _trained.Values) one.Dispose();
    }

    private static string Words(AutoencoderOptions options, int channels) =>
        $"{options.Variant.Architecture} {channels} → {options.LatentsFor(channels)}";

    /// <summary>Whole batches that make the work of one timing.</summary>
    private static long Rows(AutoencoderOptions options, int channels)
    {
        double wanted = Work / ((double)channels * options.LatentsFor(channels));
        return Math.Max(1, (long)Math.Min(wanted, MostRows) / options.BatchSize) * options.BatchSize;
    }
}
