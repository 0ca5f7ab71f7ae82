namespace Fovea.Imaging;

/// <summary>One image cannot be decoded. A loader skips and counts it; a whole source of them stops the run.</summary>
public sealed class DamagedImageException(string id, string why, Exception? inner = null)
    : FoveaException(FailureKind.Data, $"Image {id} cannot be decoded: {why}", inner)
{
    /// <summary>The image's id in its source.</summary>
    public string Id { get; } = id;

    /// <summary>What the decoder said.</summary>
    public string Why { get; } = why;
}
