using System.Reflection;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary>The versions that a result depends on.</summary>
internal static class Versions
{
    public static IReadOnlyDictionary<string, string> All() => new Dictionary<string, string>
    {
        ["fovea"] = Of(typeof(FoveaException).Assembly),
        ["dotnet"] = Environment.Version.ToString(),
        ["torchSharp"] = Of(typeof(torch).Assembly),
        ["libtorch"] = torch.__version__,
        ["skiaSharp"] = Of(typeof(SkiaSharp.SKBitmap).Assembly),
    };

    private static string Of(Assembly assembly)
    {
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString() ?? "?";
        int commit = version.IndexOf('+', StringComparison.Ordinal);
        return commit < 0 ? version : version[..commit];
    }
}
