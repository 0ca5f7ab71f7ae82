using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using static TorchSharp.torch;

namespace Fovea.Interventions.Circuits;

/// <summary>
/// A layer's vectors as sums of nodes. With f a unit's value, f̄ what it is where it is taken out, d its direction, ε what the dictionary
/// leaves and base the vector of which everything is taken out,
/// <code>x = base + Σᵢ (fᵢ − f̄ᵢ) dᵢ + (ε − ε̄)</code>
/// Units are nodes 0 … n − 1, and ε is node n where there is a dictionary. A node stands for its unit at all positions.
/// </summary>
internal sealed class CircuitSide : IDisposable
{
    private readonly SparseAutoencoder? _dictionary;
    private readonly int _channels;
    private readonly Tensor _means, _base;
    private readonly Tensor? _errorMean;

    /// <exception cref="FoveaException">Configuration: the units are not the layer's, or there are not as many means.</exception>
    public CircuitSide(CircuitLayer layer, int channels, Device device)
    {
        (Layer, _dictionary, _channels) = (layer, layer.Units.Autoencoder, channels);
        Units = layer.Units.UnitCount(channels);
        RequireSum(layer.Units);
        Require(layer.VectorMean, channels, "the vectors");
        if (_dictionary is not null && layer.VectorMean is not null) Require(layer.UnitMeans ?? [], Units, "the units");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor mean = layer.VectorMean is { } vector ? tensor([.. vector], device: device) : zeros(channels, device: device);
        Tensor means = _dictionary is null ? mean.clone()
            : layer.VectorMean is not null ? tensor([.. layer.UnitMeans!], device: device) : zeros(Units, device: device);
        if (_dictionary is null) _base = mean;
        else if (layer.VectorMean is not null) (_base, _errorMean) = (mean, mean - Decoded(means));
        else (_base, _errorMean) = (Decoded(means), zeros(channels, device: device));
        _means = means;
        foreach (Tensor? kept in (Tensor?[])[_means, _base, _errorMean]) kept?.DetachFromDisposeScope();

        Tensor Decoded(Tensor values) => _dictionary!.DecodeDense(values.unsqueeze(0)).squeeze(0).detach().to(device);
    }

    /// <summary>Refuses units of which vectors are no sum.</summary>
    /// <exception cref="FoveaException">Configuration: the dictionary normalises its input.</exception>
    public static void RequireSum(UnitGroup units)
    {
        if (units.Autoencoder is not { Normalization: not InputNormalization.None }) return;
        throw FoveaException.BadConfiguration(
            $"'{units.Name}' brings each vector to a scale of its own: its latents are no terms of one sum, and have no circuit. "
                + "Take a dictionary without normalisation.");
    }

    /// <summary>The layer.</summary>
    public CircuitLayer Layer { get; }

    /// <summary>Neurons or latents.</summary>
    public int Units { get; }

    /// <summary>Whether the dictionary's error is a node, the one behind the last unit.</summary>
    public bool HasError => _dictionary is not null;

    /// <summary>Units, and the error.</summary>
    public int Nodes => HasError ? Units + 1 : Units;

    /// <summary>base, <c>[C]</c>.</summary>
    public Tensor Base => _base;

    /// <summary>The vectors of a layer's output, <c>[N · positions, C]</c>.</summary>
    public static Tensor Rows(Tensor output) => output.movedim([1], [-1]).reshape(-1, output.shape[1]);

    /// <summary>An output in the shape of another, from its vectors.</summary>
    public static Tensor Output(Tensor rows, Tensor like)
    {
        Tensor last = like.movedim([1], [-1]);
        return rows.reshape(last.shape).movedim([-1], [1]).contiguous();
    }

    /// <summary>The values of all units, <c>[rows, units]</c>; differentiable.</summary>
    public Tensor Values(Tensor rows) => _dictionary is null ? rows : _dictionary.EncodeDense(rows);

    /// <summary>ε, <c>[rows, C]</c>; null without a dictionary.</summary>
    public Tensor? Error(Tensor rows, Tensor values) => _dictionary is null ? null : rows - _dictionary.DecodeDense(values);

    /// <summary>What some nodes add to vectors beyond base: Σ (f − f̄) d, and ε − ε̄ where it is among them.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="values">The units' values.</param>
    /// <param name="error">ε.</param>
    public Tensor Terms(IReadOnlyList<int> nodes, Tensor values, Tensor? error)
    {
        int[] units = [.. nodes.Where(node => node < Units)];
        Tensor sum = zeros([values.shape[0], _channels], values.dtype, values.device);
        if (units.Length > 0)
        {
            Tensor index = tensor([.. units.Select(unit => (long)unit)], int64, device: values.device);
            Tensor differences = values.index_select(1, index) - _means.index_select(0, index);
            sum = _dictionary is null ? sum.index_add_(1, index, differences, 1)
                : differences.matmul(_dictionary.DecoderWeight.detach().index_select(0, index));
        }
        return nodes.Count > units.Length ? sum + (error! - _errorMean!) : sum;
    }

    /// <summary>What one node adds to vectors where it has some values.</summary>
    /// <param name="node">The node.</param>
    /// <param name="value">Of a unit <c>[rows]</c>, of the error <c>[rows, C]</c>.</param>
    public Tensor Term(int node, Tensor value) => node == Units ? value - _errorMean!
        : (value - _means[node]).unsqueeze(1) * Direction(node).unsqueeze(0);

    /// <summary>A unit's direction, <c>[C]</c>.</summary>
    public Tensor Direction(int unit)
    {
        if (_dictionary is not null) return _dictionary.DecoderWeight.detach()[unit];
        Tensor axis = zeros(_channels, device: _base.device);
        axis[unit] = 1;
        return axis;
    }

    /// <summary>One node's value: of a unit <c>[rows]</c>, of the error <c>[rows, C]</c>.</summary>
    public Tensor Value(int node, Tensor values, Tensor? error) => node == Units ? error! : values.select(1, node);

    /// <summary>
    /// Derivative times difference of every node, <c>[images, nodes]</c>: Σ over positions of (f − f̄) (g · d), of the error (ε − ε̄) · g.
    /// </summary>
    /// <param name="images">N.</param>
    /// <param name="gradient">g at each vector, <c>[rows, C]</c>.</param>
    /// <param name="values">The units' values.</param>
    /// <param name="error">ε.</param>
    public Tensor Attributions(long images, Tensor gradient, Tensor values, Tensor? error)
    {
        Tensor along = _dictionary is null ? gradient : gradient.matmul(_dictionary.DecoderWeight.detach().t());
        Tensor units = ((values - _means) * along).view(images, -1, Units).sum(1);
        if (error is null) return units;
        Tensor rest = ((error - _errorMean!) * gradient).sum(1, keepdim: true).view(images, -1, 1).sum(1);
        return cat([units, rest], 1);
    }

    /// <summary>The same of some nodes alone, in their order.</summary>
    public Tensor Attributions(IReadOnlyList<int> nodes, long images, Tensor gradient, Tensor values, Tensor? error)
    {
        int[] units = [.. nodes.Where(node => node < Units)];
        if (units.Length == 0) return Rest();
        Tensor index = tensor([.. units.Select(unit => (long)unit)], int64, device: values.device);
        Tensor along = _dictionary is null ? gradient.index_select(1, index)
            : gradient.matmul(_dictionary.DecoderWeight.detach().index_select(0, index).t());
        Tensor some = ((values.index_select(1, index) - _means.index_select(0, index)) * along).view(images, -1, units.Length).sum(1);
        if (units.Length == nodes.Count) return some;
        int place = nodes.ToList().IndexOf(Units);
        return cat([some.narrow(1, 0, place), Rest(), some.narrow(1, place, units.Length - place)], 1);

        Tensor Rest() => ((error! - _errorMean!) * gradient).sum(1, keepdim: true).view(images, -1, 1).sum(1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _means.Dispose();
        _base.Dispose();
        _errorMean?.Dispose();
    }

    private void Require(IReadOnlyList<float>? means, int count, string what)
    {
        if (means is not null && (means.Count != count || means.Any(mean => !float.IsFinite(mean))))
        {
            throw FoveaException.BadConfiguration(
                $"{means.Count} means of {what} of {Layer.Units.Layer} were given where {count} finite ones are needed.");
        }
    }
}
