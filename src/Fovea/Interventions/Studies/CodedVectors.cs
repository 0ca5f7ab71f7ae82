using Fovea.Dictionaries;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>The vectors of one image at a layer as codes of a dictionary, and what the dictionary makes of the codes.</summary>
internal sealed class CodedVectors : IDisposable
{
    private readonly IFeatureDictionary _dictionary;
    private readonly Tensor _reconstruction;
    private readonly double[]? _scales;

    private CodedVectors(IFeatureDictionary dictionary, UnitMaps maps, Tensor reconstruction, double[]? scales) =>
        (_dictionary, Maps, _reconstruction, _scales) = (dictionary, maps, reconstruction, scales);

    /// <summary>The codes.</summary>
    public UnitMaps Maps { get; }

    /// <summary>x̂, <c>[positions, d]</c>.</summary>
    public Tensor Reconstruction => _reconstruction;

    /// <summary>
    /// What a code of 1 is worth at each position, times its direction, where the dictionary brings each vector to a scale of its own; null
    /// where that is 1 everywhere.
    /// </summary>
    public IReadOnlyList<double>? Scales => _scales;

    /// <summary>Bytes of memory that this holds.</summary>
    public long Bytes => Maps.Bytes + _reconstruction.numel() * _reconstruction.element_size();

    /// <summary>Encodes and decodes; outlives the current dispose scope.</summary>
    /// <param name="dictionary">Of vectors of d components.</param>
    /// <param name="vectors"><c>[positions, d]</c>, row-major positions of one image.</param>
    /// <param name="height">Rows of the grid.</param>
    /// <param name="width">Columns of the grid.</param>
    public static CodedVectors Of(IFeatureDictionary dictionary, Tensor vectors, int height, int width)
    {
        if (dictionary.InputSize != vectors.shape[1])
        {
            throw FoveaException.BadConfiguration(
                $"A dictionary '{dictionary.Name}' reads vectors of {dictionary.InputSize} components, the layer has "
                    + $"{vectors.shape[1]} channels: it was made for another layer.");
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor own = vectors.to(dictionary.Directions.dtype).to(dictionary.Directions.device);
        using SparseCodes codes = dictionary.Encode(own);
        double[]? scales = codes.Frames is { } frames ? [.. Enumerable.Range(0, codes.RowCount).Select(row => frames[2 * row])] : null;
        return new CodedVectors(
            dictionary, new UnitMaps(codes, height, width), dictionary.Decode(codes).DetachFromDisposeScope(), scales);
    }

    /// <summary>The codes of some latents, <c>[positions, latents]</c>; in the current dispose scope.</summary>
    public Tensor Columns(IReadOnlyList<int> latents) => tensor(Maps.Columns(latents), [Maps.Positions, latents.Count])
        .to(_dictionary.Directions.dtype).to(_dictionary.Directions.device);

    /// <summary>
    /// What changes of codes add to the vectors, <c>[positions, d]</c>, each on its vector's scale; in the current dispose scope.
    /// </summary>
    /// <param name="change">Δ, <c>[positions, latents]</c>.</param>
    /// <param name="latents">Whose.</param>
    public Tensor Added(Tensor change, IReadOnlyList<int> latents)
    {
        using var scope = NewDisposeScope();
        Tensor added = change.matmul(_dictionary.Directions.index_select(0, tensor([.. latents], int64, device: change.device)));
        if (_scales is not null) added = added * tensor(_scales, [Maps.Positions, 1]).to(added.dtype).to(added.device);
        return added.MoveToOuterDisposeScope();
    }

    /// <summary>Frees the reconstruction.</summary>
    public void Dispose() => _reconstruction.Dispose();
}
