using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>How much of what activates a unit is of one class.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="ActiveImages">Images that activate it, of classes that count.</param>
/// <param name="ModalClass">The class with the most of them; the first of equals; −1 where they are too few.</param>
/// <param name="Binary">The modal class's share of the activating images; NaN where they are fewer than
/// <see cref="ClassProfile.FewestImages"/>.</param>
/// <param name="Weighted">The largest share that one class has of the summed activation on these images, of whatever class.</param>
/// <param name="ShuffledBinary">The mean of <paramref name="Binary"/> with the labels shuffled.</param>
/// <param name="ShuffledWeighted">The mean of <paramref name="Weighted"/> with the labels shuffled.</param>
public sealed record ClassPurityScore(
    int Unit, int ActiveImages, int ModalClass, double Binary, double Weighted, double ShuffledBinary, double ShuffledWeighted);

/// <summary>
/// Class purity of every unit in one pass: the share that the modal class has of the images which activate a unit, counted or weighted with
/// the activation, beside the same with labels shuffled among the images. A unit that a single image activates has purity 1, and so it has
/// with shuffled labels: only the difference says anything. Images of classes with fewer than <see cref="ClassProfile.FewestImages"/> do
/// not count, and where two classes are not left there is no purity. An image activates a unit where its largest value over the positions
/// is above the threshold. Memory for units × classes × (1 + shuffles).
/// </summary>
public sealed class ClassPurity : IUnitObserver
{
    private readonly int _units, _classes;
    private readonly float _threshold;
    private readonly Dictionary<int, int> _place = [];
    private readonly int[][] _labels;
    private readonly int[][] _counts;
    private readonly double[][] _weights;
    private readonly int[] _active;
    private readonly bool[] _counted;
    private readonly bool _comparable;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="images">The images that the pass will look at, each once: labels are shuffled among them.</param>
    /// <param name="label">An image's class, 0 … <paramref name="classes"/> − 1.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="threshold">What an activation must exceed: 0 for latents, <see cref="UnitGroup.NeuronThreshold"/> for neurons; not
    /// negative.</param>
    /// <param name="shuffles">Shuffles that the baseline is averaged over.</param>
    /// <param name="seed">The run's seed.</param>
    public ClassPurity(
        int units, IReadOnlyList<int> images, Func<int, int> label, int classes, double threshold, int shuffles = 3, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shuffles);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(label);
        (_units, _classes, _threshold, _active) = (units, classes, (float)threshold, new int[units]);
        int[] labels = [.. images.Select(label)];
        if (labels.Any(one => one < 0 || one >= classes)) throw FoveaException.BadData($"A label lies outside of the {classes} classes.");
        int[] sizes = new int[classes];
        foreach (int one in labels) sizes[one]++;
        _counted = [.. labels.Select(one => sizes[one] >= ClassProfile.FewestImages)];
        _comparable = sizes.Count(size => size >= ClassProfile.FewestImages) >= 2;
        for (int i = 0; i < images.Count; i++) _place.Add(images[i], i);
        _labels = new int[1 + shuffles][];
        for (int s = 0; s <= shuffles; s++)
        {
            _labels[s] = [.. labels];
            if (s > 0) Shuffle(_labels[s], _counted, new CounterRandom(seed, "scores/purity", s));
        }
        _counts = [.. _labels.Select(_ => new int[checked(classes * units)])];
        _weights = [.. _labels.Select(_ => new double[checked(classes * units)])];
    }

    /// <inheritdoc/>
    /// <exception cref="FoveaException">An image is none of those announced, or an activation is not finite.</exception>
    public void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images)
    {
        float[] peaks = ImagePeaks.Of(values, _units, checked(height * width), images);
        for (int i = 0; i < images.Length; i++)
        {
            if (!_place.TryGetValue(images[i], out int place))
                throw FoveaException.BadData($"Image {images[i]} is none of those whose labels were given.");
            if (!_counted[place]) continue;
            ReadOnlySpan<float> peak = peaks.AsSpan(i * _units, _units);
            int active = 0;
            for (int u = 0; u < _units; u++)
            {
                if (peak[u] > _threshold) _active[active++] = u;
            }
            for (int s = 0; s < _labels.Length; s++)
            {
                Span<int> counts = _counts[s].AsSpan(_labels[s][place] * _units, _units);
                Span<double> weights = _weights[s].AsSpan(_labels[s][place] * _units, _units);
                foreach (int u in _active.AsSpan(0, active))
                {
                    counts[u]++;
                    weights[u] += peak[u];
                }
            }
        }
    }

    /// <summary>The scores of the images so far, by unit.</summary>
    public IReadOnlyList<ClassPurityScore> Finish() => [.. Enumerable.Range(0, _units).Select(Score)];

    private ClassPurityScore Score(int unit)
    {
        var (active, modal, binary, weighted) = Shares(unit, 0);
        if (active < ClassProfile.FewestImages || !_comparable)
            return new ClassPurityScore(unit, active, -1, double.NaN, double.NaN, double.NaN, double.NaN);
        var shuffled = Enumerable.Range(1, _labels.Length - 1).Select(s => Shares(unit, s)).ToList();
        return new ClassPurityScore(
            unit, active, modal, binary, weighted, shuffled.Average(one => one.Binary), shuffled.Average(one => one.Weighted));
    }

    /// <summary>Shuffles the labels of the images that count among these.</summary>
    private static void Shuffle(int[] labels, bool[] counted, CounterRandom random)
    {
        int[] places = [.. Enumerable.Range(0, labels.Length).Where(i => counted[i])], shuffled = [.. places.Select(i => labels[i])];
        random.Shuffle<int>(shuffled);
        for (int i = 0; i < places.Length; i++) labels[places[i]] = shuffled[i];
    }

    private (int Active, int Modal, double Binary, double Weighted) Shares(int unit, int labelling)
    {
        int active = 0, modal = 0, most = 0;
        double sum = 0, largest = 0;
        for (int c = 0; c < _classes; c++)
        {
            int count = _counts[labelling][c * _units + unit];
            double weight = _weights[labelling][c * _units + unit];
            active += count;
            sum += weight;
            largest = Math.Max(largest, weight);
            if (count > most) (most, modal) = (count, c);
        }
        return (active, modal, (double)most / active, largest / sum);
    }
}
