using Fovea.Activations;
using Fovea.Numerics;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// Reads batches of vectors that lie on a disk: window after window, each once and neighbours together, the next one while this one is learned
/// from. Batches are then gathered from memory. Two windows are in memory, however many vectors there are. Used by one thread.
/// </summary>
/// <param name="vectors">The vectors.</param>
/// <param name="plan">Which rows each window has, and where a batch's rows stand in it.</param>
internal sealed unsafe class WindowReader(IVectorSource vectors, TrainingPlan plan) : IDisposable
{
    /// <summary>Larger windows, which a recipe may ask for, are not held in memory: batches are read row by row.</summary>
    private const long LargestBytes = 256L << 20;

    private readonly int _dimension = vectors.Dimension;

    /// <summary>Where one window is a pass, all passes have the same vectors in it, and it is read once.</summary>
    private readonly long _windows = plan.WindowsOfPass == 1 ? 1 : plan.Windows;
    private readonly NativeBuffer<float>?[] _buffers = new NativeBuffer<float>?[2];
    private readonly Task?[] _reading = new Task?[2];
    private readonly long[] _holds = [-1, -1];
    private int[] _slots = [];

    /// <summary>Whether a training reads these vectors by windows.</summary>
    public static bool Serves(IVectorSource vectors, TrainingPlan plan) =>
        vectors.IsOnDisk && plan.RowsOfWindow * vectors.Dimension * sizeof(float) <= LargestBytes;

    /// <summary>Gathers rows of a step.</summary>
    /// <param name="step">Never before one that was asked for.</param>
    /// <param name="first">The first row of the step that is wanted.</param>
    /// <param name="batch">Gets as many as it holds.</param>
    public void Read(long step, int first, Span<float> batch)
    {
        int count = batch.Length / _dimension;
        if (_slots.Length < count) _slots = new int[count];
        for (int done = 0; done < count;)
        {
            var (window, some) = plan.SlotsOf(step, first + done, _slots.AsSpan(0, count - done));
            ReadOnlySpan<float> held = Window(window % _windows);
            for (int i = 0; i < some; i++)
                held.Slice(_slots[i] * _dimension, _dimension).CopyTo(batch.Slice((done + i) * _dimension, _dimension));
            done += some;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Task? reading in _reading)
        {
            try { reading?.Wait(); }
            catch (AggregateException) { /* nobody wants this window any more */ }
        }
        foreach (var buffer in _buffers) buffer?.Dispose();
    }

    private Span<float> Window(long number)
    {
        if (_holds[number % 2] != number) Begin(number);
        _reading[number % 2]!.GetAwaiter().GetResult();
        // Into the memory of the window before this one, of which nothing is wanted any more.
        if (number + 1 < _windows && _holds[(number + 1) % 2] != number + 1) Begin(number + 1);
        return _buffers[number % 2]!.Span;
    }

    private void Begin(long number)
    {
        _holds[number % 2] = number;
        NativeBuffer<float> buffer = _buffers[number % 2] ??= new NativeBuffer<float>(plan.RowsOfWindow * _dimension);
        _reading[number % 2] = Task.Run(() =>
        {
            foreach (var rows in plan.NeighboursOf(number)) vectors.Expect(rows.Span);
            long at = 0;
            foreach (var rows in plan.NeighboursOf(number))
            {
                int numbers = rows.Length * _dimension;
                vectors.Read(rows.Span, new Span<float>(buffer.Pointer + at, numbers));
                at += numbers;
            }
            // Draws are looked up in files that are mapped.
            vectors.Release();
        });
    }
}
