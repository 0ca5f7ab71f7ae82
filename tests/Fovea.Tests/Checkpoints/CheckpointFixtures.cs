using System.Text.Json;
using Fovea.Tests.Shared;
using static TorchSharp.torch;

namespace Fovea.Tests.Checkpoints;

/// <summary>Files that tests/reference/make_pickles.py wrote, what PyTorch found in them, and folders for what a test writes.</summary>
internal static class CheckpointFixtures
{
    private static readonly string Folder = System.IO.Path.Combine(Checkout.Root, "tests", "Fovea.Tests", "Checkpoints", "Fixtures");

    public static string Path(string name) => System.IO.Path.Combine(Folder, name);

    public static string Script(string name) => System.IO.Path.Combine(Checkout.Root, "tests", "reference", name);

    public static Dictionary<string, Dictionary<string, JsonElement[]>> Json(string name) =>
        JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, JsonElement[]>>>(File.ReadAllBytes(Path(name)))!;

    public static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.numel() == 0 ? [] : tensor.to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fovea-checkpoints-");

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public string[] Files => [.. _folder.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Delete(recursive: true);
}
