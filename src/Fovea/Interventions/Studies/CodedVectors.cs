using Fovea.Dictionaries;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>The vectors of one image at a layer as codes of a dictionary, and what the dictionary makes of the codes.</summary>
internal sealed class CodedVectors : IDisposable
{
    private readonly IFeatureDictionary _dictionary;
    private readonly Tensor _reconstruction;

    private CodedVectors(IFeatureDictionary dictionary, UnitMaps maps, Tensor reconstruction) =>
        (_dictionary, Maps, _reconstruction) = (dictionary, maps, reconstruction);

    /// <summary>The codes.</summary>
    public UnitMaps Maps { get; }

    /// <summary>x̂, <c>[positions, d]</c>.</summary>
    public Tensor Reconstruction => _reconstruction;

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
        return new CodedVectors(
            dictionary, new UnitMaps(codes, height, width), dictionary.Decode(codes).DetachFromDisposeScope());
    }

    /// <summary>The codes of some latents, <c>[positions, latents]</c>; in the current dispose scope.</summary>
    public Tensor Columns(IReadOnlyList<int> latents) => tensor(Maps.Columns(latents), [Maps.Positions, latents.Count])
        .to(_dictionary.Directions.dtype).to(_dictionary.Directions.device);

    /// <summary>Frees the reconstruction.</summary>
    public void Dispose() => _reconstruction.Dispose();
}
