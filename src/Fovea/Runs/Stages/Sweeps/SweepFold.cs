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
        int[] order = new CounterRandom(seed, "sweep/images", 0).Permutation(store.Images.Count);
        int[] images = settings.Images is { } most && most < order.Length ? order[..most] : order;
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
        foreach (var fold in folds)
        {
            if (fold._training.Count == 0 || fold._test.Count == 0) throw Lacking(settings, fold, images.Length);
        }
        return folds;
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

    private static FoveaException Lacking(SweepSettings settings, SweepFold fold, int images) => FoveaException.BadConfiguration(
        $"Sweep '{settings.Name}' has no image to {(fold._test.Count == 0 ? "test" : "train")} on"
        + (settings.Folds == 1
            ? $": of its {images} images {fold._test.Count} were held out by the harvest. Harvest with another validation_fraction, take "
                + $"more images, or set folds."
            : $" in part {fold.Number + 1} of {settings.Folds}: it has {images} images. Set fewer folds, or more images."));
}
