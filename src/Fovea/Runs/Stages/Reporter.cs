namespace Fovea.Runs.Stages;

/// <summary>Reports at once and on the caller's thread, unlike <see cref="System.Progress{T}"/>.</summary>
internal sealed class Reporter<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
