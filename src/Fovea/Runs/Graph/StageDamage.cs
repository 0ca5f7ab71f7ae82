using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// Whether the tensors that a finished stage left are whole by their headers, and its documents JSON: a copy that was broken off, a disk
/// that lost the end. Bytes that were changed and not cut off are not found.
/// </summary>
internal static class StageDamage
{
    /// <summary>What is wrong with a stage's folder; null: nothing that can be seen.</summary>
    public static string? Of(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                if (path.EndsWith(".safetensors", StringComparison.Ordinal)) SafetensorsFile.Open(path).Dispose();
                else if (path.EndsWith(".json", StringComparison.Ordinal)) RequireJson(path);
            }
            catch (FoveaException e) when (e.Kind == FailureKind.Data && e.InnerException is not UnauthorizedAccessException)
            {
                return e.Message;
            }
        }
        return null;
    }

    private static void RequireJson(string path)
    {
        try
        {
            using FileStream file = PlainFile.OpenRead(path);
            JsonDocument.Parse(file).Dispose();
        }
        catch (JsonException e)
        {
            throw FoveaException.BadData($"{path} is empty, ends too early or is no JSON.", e);
        }
    }

    /// <summary>What to do about it.</summary>
    public static FoveaException Refusal(string stage, string why) => FoveaException.BadData(
        $"{why} It is of the finished stage '{stage}': give --redo \"{stage}\" to make it, and what was made from it, again.");
}
