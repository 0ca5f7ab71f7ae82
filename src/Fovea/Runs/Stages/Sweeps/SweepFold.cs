using Fovea.Activations;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;
using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Sweeps;

/// <summary>Which images train and which test: one part of a cross-validation, or the run's own split where there is one part.</summary>
internal sealed class SweepFold
{
    private readonly ActivationStore _store;
    private readonly HashSet<int> _training = [], _test = [];

    private SweepFold(ActivationStore store, int number) => (_store, Number) = (store, number);

    /// <summary>From 0.</summary>
    public int Number { get; }

    /// <summary>Indices in the source of the images that test.</summary>
    public IReadOnlyList<int> TestImages => [.. _test.Select(place => _store.Images[place])];

    /// <summary>The folds of a sweep. Parts are by image: no image has vectors on both sides.</summary>
    /// <exception cref="FoveaException">Configuration: a fold has no image to train on, or none to test on.</exception>
    public static IReadOnlyList<SweepFold> Of(ActivationStore store, SweepSettings settings, ulong seed)
    {
        int[] images = Drawn(store.Images.Count, settings, seed);
        var held = store.Manifest.Split.ValidationImages.ToHashSet();
        var folds = Enumerable.Range(0, settings.Folds).Select(number => new SweepFold(store, number)).ToArray();
        for (int i = 0; i < images.Length; i++)
        {
            foreach (var fold in folds)
            {
                bool test = settings.Folds == 1 ? held.Contains(store.Images[images[i]]) : i % settings.Folds == fold.Number;
                (test ? fold._test : fold._training).Add(images[i]);
            }
        }
        foreach (var fold in folds) RequireBothSides(settings, fold.Number, fold._training.Count, fold._test.Count);
        return folds;
    }

    /// <summary>
    /// How many images train, of several folds in the one with the fewest: known before the harvest, as far as none of them is damaged.
    /// </summary>
    /// <param name="harvested">Images that will be harvested.</param>
    /// <param name="fraction">The share that the harvest holds out.</param>
    /// <param name="settings">The sweep.</param>
    /// <param name="seed">The run's.</param>
    /// <exception cref="FoveaException">Configuration: none trains, or none tests.</exception>
    public static int TrainingImages(int harvested, double fraction, SweepSettings settings, ulong seed)
    {
        int[] images = Drawn(harvested, settings, seed);
        var held = Harvester.HeldOut(harvested, fraction, seed).ToHashSet();
        int test = settings.Folds == 1 ? images.Count(held.Contains) : (images.Length + settings.Folds - 1) / settings.Folds;
        RequireBothSides(settings, 0, images.Length - test, test);
        return images.Length - test;
    }

    /// <summary>Places of the images of a sweep among those that are stored.</summary>
    private static int[] Drawn(int stored, SweepSettings settings, ulong seed)
    {
        int[] order = new CounterRandom(seed, "sweep/images", 0).Permutation(stored);
        return settings.Images is { } most && most < order.Length ? order[..most] : order;
    }

    /// <summary>
    /// The mean of the layer's vectors where nothing that tests has a part in it, <c>[d]</c>: of all training images of the run, and of the
    /// fold's own where the images are parted anew.
    /// </summary>
    public float[] Mean(SweepSettings settings, CancellationToken cancellation) =>
        settings.Folds == 1 ? _store.TrainingMean(cancellation) : _store.Mean(_training.Contains, cancellation);

    /// <summary>Rows drawn by a filter on the training images.</summary>
    public RowSet Training(string filter) => _store.Draws(filter, _training.Contains);

    /// <summary>Rows drawn by a filter on the test images.</summary>
    public RowSet Test(string filter) => _store.Draws(filter, _test.Contains);

    /// <summary>The test sets of a sweep: the first filter's is the main one.</summary>
    public IReadOnlyList<HeldOut> HeldOut(SweepSettings settings) =>
        [.. settings.Validate.Select(
            (filter, i) =>
                new HeldOut(i == 0
                    ? Fovea.Dictionaries.Training.HeldOut.Main : $"{Fovea.Dictionaries.Training.HeldOut.Main}/{filter}", Test(filter)))];

    private static void RequireBothSides(SweepSettings settings, int number, int training, int test)
    {
        if (training > 0 && test > 0) return;
        throw FoveaException.BadConfiguration(
            $"Sweep '{settings.Name}' has no image to {(test == 0 ? "test" : "train")} on"
            + (settings.Folds == 1
                ? $": of its {training + test} images the harvest holds {test} out. Harvest with another validation_fraction, take more "
                    + "images, or set folds."
                : $" in part {number + 1} of {settings.Folds}: it has {training + test} images. Set fewer folds, or more images."));
    }
}
