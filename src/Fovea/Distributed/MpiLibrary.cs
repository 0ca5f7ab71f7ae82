using System.Runtime.InteropServices;

namespace Fovea.Distributed;

/// <summary>
/// The dozen functions of Open MPI (4 and 5, whose interface is the same) that Fovea calls. The library is looked for when it is asked for, and not before: who
/// trains with one process needs none.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>Where another than the system's library is to be used: a path, or a name that the loader finds.</summary>
    public const string PathVariable = "FOVEA_MPI_LIBRARY";

    /// <summary>Calls may come from any thread, one at a time.</summary>
    public const int ThreadSerialized = 2;

    private static readonly string[] Names = ["libmpi.so.40", "libmpi.40.dylib"];

    /// <summary>MPICH and what is made from it: constants and handles are other ones.</summary>
    private static readonly string[] Others = ["libmpich.so.12", "libmpi.so.12"];

    public readonly delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int> InitThread;
    public readonly delegate* unmanaged[Cdecl]<int> Finalize;
    public readonly delegate* unmanaged[Cdecl]<nint, int, int> Abort;
    public readonly delegate* unmanaged[Cdecl]<nint, int*, int> CommRank, CommSize;
    public readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, nint*, int> Ialltoall, Iallgather;
    public readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int> Ibcast;
    public readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int> Isend, Irecv;
    public readonly delegate* unmanaged[Cdecl]<nint*, int*, void*, int> Test;
    public readonly delegate* unmanaged[Cdecl]<nint*, int> Cancel, RequestFree;
    public readonly delegate* unmanaged[Cdecl]<byte*, int*, int> GetLibraryVersion;

    private MpiLibrary(nint library)
    {
        World = NativeLibrary.GetExport(library, "ompi_mpi_comm_world");
        Byte = NativeLibrary.GetExport(library, "ompi_mpi_byte");
        InitThread = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Function("MPI_Init_thread");
        Finalize = (delegate* unmanaged[Cdecl]<int>)Function("MPI_Finalize");
        Abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Function("MPI_Abort");
        CommRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_rank");
        CommSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_size");
        Ialltoall = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, nint*, int>)Function("MPI_Ialltoall");
        Iallgather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, nint*, int>)Function("MPI_Iallgather");
        Ibcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int>)Function("MPI_Ibcast");
        Isend = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int>)Function("MPI_Isend");
        Irecv = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int>)Function("MPI_Irecv");
        Test = (delegate* unmanaged[Cdecl]<nint*, int*, void*, int>)Function("MPI_Test");
        Cancel = (delegate* unmanaged[Cdecl]<nint*, int>)Function("MPI_Cancel");
        RequestFree = (delegate* unmanaged[Cdecl]<nint*, int>)Function("MPI_Request_free");
        GetLibraryVersion = (delegate* unmanaged[Cdecl]<byte*, int*, int>)Function("MPI_Get_library_version");

        nint Function(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>MPI_COMM_WORLD: the address of the library's object.</summary>
    public nint World { get; }

    /// <summary>MPI_BYTE.</summary>
    public nint Byte { get; }

    /// <summary>What the library calls itself.</summary>
    public string Version
    {
        get
        {
            // MPI_MAX_LIBRARY_VERSION_STRING of Open MPI.
            byte* text = stackalloc byte[256];
            int length;
            _ = GetLibraryVersion(text, &length);
            return Marshal.PtrToStringUTF8((nint)text) ?? "";
        }
    }

    /// <summary>Loads Open MPI.</summary>
    /// <param name="path">What to load in its place (<see cref="PathVariable"/>); null: the system's.</param>
    /// <exception cref="FoveaException">Resource: there is none, or it is another MPI; says what to install.</exception>
    public static MpiLibrary Load(string? path)
    {
        foreach (string name in string.IsNullOrEmpty(path) ? Names : [path])
        {
            if (!NativeLibrary.TryLoad(name, out nint library)) continue;
            if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _)) return new MpiLibrary(library);
            throw FoveaException.OutOfResource(
                $"{name} is no Open MPI: --mpi needs Open MPI 4 or 5, whose libraries have other constants than MPICH's. {Advice}");
        }
        bool mpich = Others.Any(name => NativeLibrary.TryLoad(name, out _));
        throw FoveaException.OutOfResource(
            (string.IsNullOrEmpty(path) ? "Open MPI is not installed" : $"Open MPI cannot be loaded from {path} ({PathVariable})")
            + (mpich ? " (MPICH is, which --mpi cannot use): " : ": ") + Advice);
    }

    private static string Advice =>
        $"Install it on every machine (Debian and Ubuntu: apt-get install openmpi-bin; clusters: module load openmpi), or say where its libmpi.so.40 is in {PathVariable}.";
}
