using System.Globalization;

namespace Fovea.Models.Import;

/// <summary>A call of a module.</summary>
/// <param name="Path">Where it stands: <c>layer4.1.conv2</c>; empty for the network itself.</param>
/// <param name="Call">0 for the first call; <see cref="Unknown"/> where several calls cannot be told apart.</param>
internal readonly record struct ModuleCall(string Path, int Call)
{
    /// <summary>The file does not say which of its calls this is.</summary>
    public const int Unknown = -1;

    /// <summary>The layer's name: <c>relu</c>, <c>relu@1</c>.</summary>
    public string Name => Call == 0 ? Path : string.Create(CultureInfo.InvariantCulture, $"{Path}@{Call}");
}
