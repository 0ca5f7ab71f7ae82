using System.Globalization;
using System.Text;
using System.Text.Json;
using Fovea.IO;

namespace Fovea.Runs.Graph;

/// <summary>
/// A claim on a piece of work: a file that names its owner. One of many that ask gets it, be they threads, processes or machines with one
/// file system; it rests on nothing but the exclusive creation of a name (<see cref="ExclusiveFile"/>), which NFS keeps. A claim whose
/// owner has ended is taken over at once where that can be known, on the owner's machine; elsewhere when its lease is out. The owner renews
/// the lease as long as it lives. Disposing a claim gives it back.
/// </summary>
/// <remarks>
/// Who takes over creates the next name (<c>X~2.claim</c> after <c>X.claim</c>) and removes nothing: of two that see the same dead owner
/// only one can create it. The owner is whom the last name names.
/// </remarks>
internal sealed class ClaimFile : IDisposable
{
    /// <summary>How long a claim of another machine holds without being renewed.</summary>
    public static readonly TimeSpan StandardLease = TimeSpan.FromMinutes(5);

    /// <summary>How long an empty claim may be one that is just being written, where the file system has no hard links.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Names that may be missing in a row: a claim may be given back while a later one holds.</summary>
    private const int Gap = 3;

    private static readonly HashSet<string> OfThisProcess = new(StringComparer.Ordinal);
    private static readonly ProcessIdentity Unknown = new("an unknown machine", 0, "");

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly int _number;
    private readonly ClaimRecord _record;
    private readonly Timer _renewal;
    private bool _over, _lost;

    private ClaimFile(string path, int number, ClaimRecord record)
    {
        (_path, _number, _record) = (path, number, record);
        var period = TimeSpan.FromSeconds(Math.Max(0.05, record.LeaseSeconds / 5));
        _renewal = new Timer(_ => Renew(), null, period, period);
    }

    /// <summary>Takes the claim where it is free, its owner has ended or its lease is out.</summary>
    /// <param name="path">The claim's file, <c>X.claim</c>; its folder is created.</param>
    /// <param name="owner">Who has it, where it could not be taken.</param>
    /// <param name="lease">The lease; null: <see cref="StandardLease"/>.</param>
    /// <returns>The claim, or null.</returns>
    /// <exception cref="FoveaException">Resource: the file cannot be written, or is another version's.</exception>
    public static ClaimFile? TryTake(string path, out ProcessIdentity? owner, TimeSpan? lease = null)
    {
        path = Path.GetFullPath(path);
        lock (OfThisProcess)
        {
            if (!OfThisProcess.Add(path))
            {
                owner = ProcessIdentity.Current;
                return null;
            }
        }
        ClaimFile? taken = null;
        try
        {
            return taken = Take(path, lease ?? StandardLease, out owner);
        }
        finally
        {
            if (taken is null) Forget(path);
        }
    }

    /// <summary>Who holds a claim now, with its record; null: nobody who still lives, as far as that can be known without writing.</summary>
    /// <param name="path">The claim's file, <c>X.claim</c>.</param>
    /// <param name="now">The time.</param>
    public static (ClaimRecord Record, DateTime Renewed)? Holder(string path, DateTime now)
    {
        int last = Last(path);
        if (last == 0) return null;
        string file = NameOf(path, last);
        try
        {
            var record = DocumentFile.Read<ClaimRecord>(file);
            DateTime renewed = File.GetLastWriteTimeUtc(file);
            bool over = record.Owner.Host == ProcessIdentity.Current.Host
                ? record.Owner.HasEnded : (now - renewed).TotalSeconds > record.LeaseSeconds;
            return over ? null : (record, renewed);
        }
        catch (FoveaException)
        {
            return null;
        }
    }

    /// <summary>Whether another has taken the claim over: this process was too slow to renew it.</summary>
    public bool IsLost
    {
        get
        {
            lock (_gate) return _lost |= IsTakenOver();
        }
    }

    /// <summary>Gives the claim back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_over) return;
            _over = true;
            _renewal.Dispose();
        }
        try
        {
            if (_lost || IsTakenOver()) return;
            Removal.Of(NameOf(_path, _number));
            for (int below = _number - 1; below > 0; below--) AtomicFile.TryDelete(NameOf(_path, below));
        }
        finally
        {
            Forget(_path);
        }
    }

    private static ClaimFile? Take(string path, TimeSpan lease, out ProcessIdentity? owner)
    {
        for (int attempt = 0; ; attempt++)
        {
            int last = Last(path);
            string? judged = null;
            if (last > 0)
            {
                (bool there, judged, owner) = Judge(NameOf(path, last));
                if (owner is not null) return null;
                if (!there) continue; // given back while it was looked at
            }
            var record = new ClaimRecord(ProcessIdentity.Current)
            {
                Token = Guid.NewGuid().ToString("N"),
                Since = DateTime.UtcNow,
                LeaseSeconds = lease.TotalSeconds,
            };
            if (ExclusiveFile.TryCreate(NameOf(path, last + 1), Bytes(record)))
            {
                // What was judged must still stand: it may have been given back and taken anew in between.
                if (last == 0 || judged == Text(NameOf(path, last)))
                {
                    owner = null;
                    return new ClaimFile(path, last + 1, record);
                }
                Removal.Of(NameOf(path, last + 1));
            }
            if (attempt == 1000) throw FoveaException.OutOfResource($"Cannot take {path}: the names beside it change all the time.");
            if (attempt > 10) Thread.Sleep(5);
        }
    }

    /// <summary>Whether there is a claim, its text, and who holds it, if one does who may live.</summary>
    private static (bool There, string? Text, ProcessIdentity? Owner) Judge(string file)
    {
        if (Text(file) is not { } text) return (false, null, null);
        if (text.Length == 0)
            return ExclusiveFile.TimeAt(file) - File.GetLastWriteTimeUtc(file) < Patience ? (true, text, Unknown) : (true, text, null);
        ClaimRecord record;
        try
        {
            record = DocumentFile.Parse<ClaimRecord>(Encoding.UTF8.GetBytes(text), file);
        }
        catch (FoveaException e) when (DocumentFile.IsOfAnotherSchema<ClaimRecord>(file))
        {
            // Of another version, which may still be at it: it is not ours to say that it is not.
            throw FoveaException.OutOfResource(
                $"Another version of Fovea holds a claim: {e.Message} Where it has ended, delete the file.", e);
        }
        catch (FoveaException)
        {
            return (true, text, null); // claims are put into place whole: this one was damaged
        }
        ProcessIdentity owner = record.Owner;
        // A claim of this process that it does not know of was left by a copy of the folder, or by a file system that brought back what was
        // deleted.
        if (owner == ProcessIdentity.Current) return (true, text, null);
        if (owner.Host == ProcessIdentity.Current.Host) return (true, text, owner.HasEnded ? null : owner);
        DateTime now = ExclusiveFile.TimeAt(file);
        double age = (now - File.GetLastWriteTimeUtc(file)).TotalSeconds;
        if (age < -record.LeaseSeconds) BeginLease(file, now);
        return (true, text, age > record.LeaseSeconds ? null : owner);
    }

    /// <summary>
    /// A claim of a time to come was written before the clock was set back: its lease would not be out until that time. It begins now; an
    /// owner that lives renews it as it would have.
    /// </summary>
    private static void BeginLease(string file, DateTime now)
    {
        try { File.SetLastWriteTimeUtc(file, now); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { /* given back, or another user's, who can do it */ }
    }

    /// <summary>The lease begins anew where the file is written anew; the clock is that of the machine that keeps it.</summary>
    private void Renew()
    {
        lock (_gate)
        {
            if (_over || _lost) return;
            string file = NameOf(_path, _number), temporary = AtomicFile.TemporaryOf(file);
            try
            {
                if (_lost = IsTakenOver()) return;
                File.WriteAllBytes(temporary, Bytes(_record));
                File.Move(temporary, file, overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                AtomicFile.TryDelete(temporary); // the next time may go better; the lease is several times longer
            }
        }
    }

    private bool IsTakenOver() => Enumerable.Range(_number + 1, Gap).Any(number => File.Exists(NameOf(_path, number)));

    private static int Last(string path)
    {
        int last = 0;
        for (int number = 1; number <= last + Gap; number++)
        {
            if (File.Exists(NameOf(path, number))) last = number;
        }
        return last;
    }

    private static string NameOf(string path, int number) => number == 1
        ? path : string.Create(CultureInfo.InvariantCulture, $"{path[..^Path.GetExtension(path).Length]}~{number}{Path.GetExtension(path)}");

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.OutOfResource($"Cannot take {file}: {e.Message}", e);
        }
    }

    private static byte[] Bytes(ClaimRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, DocumentJson.Options);

    private static void Forget(string path)
    {
        lock (OfThisProcess) OfThisProcess.Remove(path);
    }
}
