using System.Globalization;
using System.Text.Json;
using Fovea.Imaging;
using Fovea.IO;

namespace Fovea.Runs.Preparation;

/// <summary>
/// What a file beside a network says of its preprocessing: Hugging Face's <c>preprocessor_config.json</c>, timm's <c>config.json</c>. Each
/// number is null where the file does not say it; what it says in a way that cannot be used here is a problem of that number alone.
/// </summary>
internal sealed record StoredPreparation
{
    private const long Largest = 1 << 20;

    /// <summary>The file's name.</summary>
    public required string Name { get; init; }

    /// <summary>Subtracted, of samples in [0, 1].</summary>
    public float[]? Mean { get; init; }

    /// <summary>Divided by.</summary>
    public float[]? Std { get; init; }

    /// <summary>Resizing and crop.</summary>
    public StoredSize? Size { get; init; }

    /// <summary>The filter that resizes.</summary>
    public Interpolation? Filter { get; init; }

    /// <summary>Whether blue comes first and red last in what the network takes.</summary>
    public bool BlueFirst { get; init; }

    /// <summary>By word (<c>mean</c>, <c>std</c>, <c>size</c>, <c>interpolation</c>): what it says and cannot be used.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; init; } = new Dictionary<string, string>();

    /// <summary>What lies beside a network's file; null where nothing there speaks of preprocessing.</summary>
    public static StoredPreparation? Beside(string network)
    {
        foreach (string name in (string[])["preprocessor_config.json", "config.json"])
        {
            string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(network))!, name);
            if (File.Exists(path) && Read(path, name) is { } found) return found;
        }
        return null;
    }

    /// <summary>The same without a mean that no samples from 0 to 1 have: one of samples up to 255, where the file does not say so.</summary>
    private static StoredPreparation? Checked(StoredPreparation? read)
    {
        if (read?.Mean is not { } mean || mean.All(value => value is >= 0 and <= 1)) return read;
        string said = string.Create(CultureInfo.InvariantCulture, $"says a mean of {string.Join(", ", mean)}, which samples from 0 to 1 do not have");
        return read with { Mean = null, Problems = new Dictionary<string, string>(read.Problems) { ["mean"] = said } };
    }

    /// <summary>Reads a file; null where it says nothing of preprocessing.</summary>
    internal static StoredPreparation? Read(string path, string name)
    {
        try
        {
            if (new FileInfo(path).Length > Largest) return Unreadable(name, "it is too large to be one");
            using JsonDocument json = StrictJson.Document(PlainFile.ReadAllBytes(path));
            JsonElement root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return Unreadable(name, "it holds no table");
            if (name == "config.json") return Checked(TimmPreparation.Read(name, root));
            // Newer ones stand in a table of a whole processor.
            if (root.TryGetProperty("image_processor", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object) root = inner;
            return Checked(HuggingFacePreparation.Read(name, root));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return Unreadable(name, e.Message.Split('\n')[0].TrimEnd('.'));
        }
    }

    private static StoredPreparation Unreadable(string name, string why) => new()
    {
        Name = name,
        Problems = ((string[])["mean", "std", "size", "interpolation"]).ToDictionary(word => word, _ => $"cannot be read ({why})"),
    };
}

/// <summary>Resizing and crop of a file.</summary>
/// <param name="Resize">The short side, or both; null: not resized.</param>
/// <param name="Squash">Both sides.</param>
/// <param name="Crop">Side of the centre crop, or its height.</param>
/// <param name="Width">Its width, where it is no square.</param>
internal sealed record StoredSize(int? Resize, bool Squash, int Crop, int? Width = null);
