namespace Fovea.Datasets;

/// <summary>What a layer of a painting shows.</summary>
internal enum LayerKind { Background, Shadow, Object, Distractor }

/// <summary>One layer as it was painted: opacity, ink and rim at each pixel.</summary>
internal sealed class Layer(LayerKind kind, int index)
{
    private const int Pixels = ShapesWorld.ImageSize * ShapesWorld.ImageSize;

    public LayerKind Kind { get; } = kind;

    /// <summary>Which distractor.</summary>
    public int Index { get; } = index;

    public float[] Alpha { get; } = new float[Pixels];

    public float[] Ink { get; } = new float[Pixels];

    public float[] Rim { get; } = new float[Pixels];

    /// <summary>A new layer on top of <paramref name="layers"/>; null where nothing is recorded.</summary>
    public static Layer? AddTo(List<Layer>? layers, LayerKind kind, int index)
    {
        if (layers is null) return null;
        var layer = new Layer(kind, index);
        layers.Add(layer);
        return layer;
    }
}
