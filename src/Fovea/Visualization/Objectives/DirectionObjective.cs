using static TorchSharp.torch;

namespace Fovea.Visualization.Objectives;

/// <summary>
/// A direction in a layer's space of channels, at every position the same: picture i is for row i of a matrix of directions (a concept
/// vector, a principal component, a plain dictionary's direction; lucid's <c>direction</c>). Directions are taken as they are, not
/// normalised.
/// </summary>
public sealed class DirectionObjective : LayerObjective
{
    private readonly Tensor _directions;
    private readonly int _start;
    private readonly Similarity _similarity;
    private readonly Reduction _reduction;

    /// <summary>One picture for each row.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="directions"><c>[N, C]</c>; the caller's, and needed as long as the objective is.</param>
    /// <param name="units">What to call the rows; null: 0 … N − 1.</param>
    /// <param name="similarity">Null: the dot product.</param>
    /// <param name="reduction">Which positions count.</param>
    /// <exception cref="FoveaException">The directions are no matrix, have no length or are not finite, or there is not one unit for
    /// each.</exception>
    public DirectionObjective(
        string layer, Tensor directions, IReadOnlyList<int>? units = null, Similarity? similarity = null, Reduction reduction = default)
        : this(layer, PictureKey.Number(layer, units ?? Rows(Checked(directions).shape[0])), directions, 0, similarity
            ?? Similarity.Dot, reduction)
    {
        if (Checked(directions).shape[0] != Units.Count)
            throw FoveaException.BadConfiguration($"{Units.Count} units for {directions.shape[0]} directions.");
    }

    private DirectionObjective(
        string layer, IReadOnlyList<PictureKey> keys, Tensor directions, int start, Similarity similarity, Reduction reduction)
        : base(layer, keys) => (_directions, _start, _similarity, _reduction) = (directions, start, similarity, reduction);

    /// <inheritdoc/>
    public override IObjective Slice(int start, int count) =>
        new DirectionObjective(Layer, KeysOf(start, count), _directions, _start + start, _similarity, _reduction);

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor activation)
    {
        using var scope = NewDisposeScope();
        return _reduction.Apply(Along(activation, _similarity)).MoveToOuterDisposeScope();
    }

    /// <summary>The largest dot product over positions.</summary>
    public override Tensor Peak(Tensor activation)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Along(activation, Similarity.Dot).amax([1, 2]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override string Caption(int? unit) =>
        $"{_similarity} with {(unit is null ? "the direction" : $"direction {unit}")}{_reduction.After(Layer)}";

    private Tensor Along(Tensor activation, Similarity similarity)
    {
        Tensor maps = Positions.AsMaps(activation, Units, _directions.shape[1], "The directions have", Layer);
        Tensor own = _directions.detach().narrow(0, _start, Units.Count).to(maps.dtype, maps.device).unsqueeze(-1).unsqueeze(-1);
        return similarity.Of(maps, own, 1);
    }

    private static Tensor Checked(Tensor directions)
    {
        ArgumentNullException.ThrowIfNull(directions);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (directions.dim() != 2)
            throw FoveaException.BadData($"Directions must be a matrix [N, C], not [{string.Join(", ", directions.shape)}].");
        double[] lengths = directions.detach().to(float64).norm(1).cpu().data<double>().ToArray();
        int bad = Array.FindIndex(lengths, length => !(length > 0 && double.IsFinite(length)));
        return bad < 0
            ? directions
                : throw FoveaException.BadData(
                    $"Direction {bad} has the length {lengths[bad]}: nothing can be seen along it. Leave it out.");
    }
}
