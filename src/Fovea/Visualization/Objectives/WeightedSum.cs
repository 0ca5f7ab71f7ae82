using System.Globalization;
using System.Text;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// A sum of objectives with weights, picture by picture. A sum of sums is one flat list, so that none is too long. Its first term names the
/// pictures and says what their peak is.
/// </summary>
public sealed class WeightedSum : IObjective
{
    private readonly Term[] _terms;

    private WeightedSum(Term[] terms)
    {
        if (terms.Length == 0) throw FoveaException.BadConfiguration("A sum of no objectives maximises nothing.");
        IObjective first = terms[0].Objective;
        foreach (Term term in terms)
        {
            if (term.Objective.Keys.Count != first.Keys.Count)
                throw FoveaException.BadConfiguration(
                    $"{first.Description} is for {first.Keys.Count} pictures, {term.Objective.Description} for {term.Objective.Keys.Count}: "
                    + "only objectives for the same pictures can be added.");
        }
        (_terms, Layers) = (terms, [.. terms.SelectMany(term => term.Objective.Layers).Distinct()]);
    }

    /// <inheritdoc/>
    public string Layer => First.Layer;

    /// <inheritdoc/>
    public IReadOnlyList<string> Layers { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PictureKey> Keys => First.Keys;

    /// <inheritdoc/>
    public IReadOnlyList<int> Units => First.Units;

    /// <inheritdoc/>
    public string Description => Caption(term => (term.Common, term.Objective.Description));

    private IObjective First => _terms[0].Objective;

    /// <summary>All of them, with weight 1.</summary>
    /// <exception cref="FoveaException">There are none, or they are not for the same number of pictures.</exception>
    public static WeightedSum Of(IEnumerable<IObjective> objectives)
    {
        ArgumentNullException.ThrowIfNull(objectives);
        return new WeightedSum([.. objectives.SelectMany(Terms)]);
    }

    /// <summary>An objective with a weight for each picture.</summary>
    /// <exception cref="FoveaException">A weight is not finite, or there is not one for each picture.</exception>
    public static WeightedSum Of(IObjective objective, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count != objective.Keys.Count)
            throw FoveaException.BadConfiguration($"{weights.Count} weights for {objective.Keys.Count} pictures.");
        foreach (double weight in weights)
            if (!double.IsFinite(weight))
                throw FoveaException.BadConfiguration($"{objective.Description} cannot be weighted with {weight}.");
        return new WeightedSum(
            [.. Terms(objective).Select(term => new Term(term.Objective, [.. term.Weights.Zip(weights, (a, b) => a * b)]))]);
    }

    /// <inheritdoc/>
    public string Describe(int picture) => Caption(term => (term.Weights[picture], term.Objective.Describe(picture)));

    /// <inheritdoc/>
    public bool CanSplitAt(int picture) => _terms.All(term => term.Objective.CanSplitAt(picture));

    /// <inheritdoc/>
    public IObjective Slice(int start, int count) =>
        new WeightedSum(
            [.. _terms.Select(term => new Term(term.Objective.Slice(start, count), term.Weights.AsSpan(start, count).ToArray()))]);

    /// <inheritdoc/>
    public Tensor Evaluate(ProbeResult taps)
    {
        using var scope = NewDisposeScope();
        Tensor? sum = null;
        foreach (Term term in _terms)
        {
            Tensor values = term.Objective.Evaluate(taps);
            if (term.Common is { } common) values = common == 1 ? values : values * common;
            else values = values * tensor(term.Weights, float64).to(values.dtype, values.device);
            sum = sum is null ? values : sum + values;
        }
        return sum!.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Peak(ProbeResult taps) => First.Peak(taps);

    private static Term[] Terms(IObjective objective) =>
        objective is WeightedSum sum ? sum._terms : [new Term(objective, [.. Enumerable.Repeat(1.0, objective.Keys.Count)])];

    /// <summary>"a + 0.5 × b − c"; a weight that differs between pictures has no number here.</summary>
    private string Caption(Func<Term, (double? Weight, string What)> of)
    {
        var text = new StringBuilder();
        foreach (Term term in _terms)
        {
            var (weight, what) = of(term);
            bool minus = weight < 0;
            if (text.Length > 0) text.Append(minus ? " − " : " + ");
            else if (minus) text.Append("minus ");
            if (weight is null) text.Append("a weight of its own × ");
            else if (Math.Abs(weight.Value) is var size && size != 1)
                text.Append(size.ToString("G6", CultureInfo.InvariantCulture)).Append(" × ");
            text.Append(what);
        }
        return text.ToString();
    }

    /// <summary>One objective and its weights, one a picture.</summary>
    private sealed record Term(IObjective Objective, double[] Weights)
    {
        /// <summary>The weight where all pictures have the same; otherwise null.</summary>
        public double? Common =>
            Weights.Length == 0 || Array.TrueForAll(Weights, weight => weight == Weights[0]) ? Weights.FirstOrDefault(1) : null;
    }
}
