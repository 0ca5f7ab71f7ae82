using Fovea.Checkpoints;

namespace Fovea.Runs.Graph;

/// <summary>
/// Whether the tensors that a finished stage left are whole by their headers: a copy that was broken off, a disk that lost the end. Bytes
/// that were changed and not cut off are not found.
/// </summary>
internal static class StageDamage
{
    /// <summary>What is wrong with a stage's folder; null: nothing that can be seen.</summary>
    public static string? Of(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                SafetensorsFile.Open(path).Dispose();
            }
            catch (FoveaException e) when (e.Kind == FailureKind.Data && e.InnerException is not UnauthorizedAccessException)
            {
                return e.Message;
            }
        }
        return null;
    }

    /// <summary>What to do about it.</summary>
    public static FoveaException Refusal(string stage, string why) => FoveaException.BadData(
        $"{why} It is of the finished stage '{stage}': give --redo \"{stage}\" to make it, and what was made from it, again.");
}
